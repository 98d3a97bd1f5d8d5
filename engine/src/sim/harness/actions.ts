/** What can be done to a world: work, and trouble. */
import { isPortError } from '@kairos/ports';
import { DAY_MS, HOUR_MS, MINUTE_MS, TOPICS, writeInstruments } from '@kairos/schema';
import type { Instrument, Money } from '@kairos/schema';
import type { Trouble, Work } from '../swarm.js';
import { BAD_COMMANDS, BAD_PRICES, BAD_SIGNALS, poisonOf } from '../workload/poison.js';
import type { SimProcess } from './process.js';
import type { Simulation } from './simulation.js';

type Action = (sim: Simulation) => Promise<void> | void;

const POINTS_UNTIL_KILLED_MAX = 60;
const JUMPS_MS = [-HOUR_MS, -90_000, 90_000, 11 * MINUTE_MS, HOUR_MS];
const LEAPS_MS = [5 * MINUTE_MS, 11 * MINUTE_MS, 4 * HOUR_MS, DAY_MS, 49 * HOUR_MS];

export const ACTIONS: Readonly<Record<Work | Trouble, Action>> = {
  prices: ({ feed }) => feed.prices(),
  predictions: ({ feed }) => feed.predictions(),
  signal: ({ signals }) => signals.signal(),
  repeat: ({ signals }) => signals.repeat(),
  oldSignal: ({ signals }) => signals.oldSignal(),
  conflict: ({ signals }) => signals.conflict(),
  reusedId: ({ signals }) => signals.reusedId(),
  poison,
  openAccount: ({ commands }) => commands.openAccount(),
  stop: ({ commands }) => commands.stop(),
  pause: ({ commands }) => commands.pause(),
  resume: ({ commands }) => commands.resume(),
  settings: ({ commands }) => commands.settings(),
  close: ({ commands }) => commands.close(),
  forged: ({ commands }) => commands.forged(),
  oldCommand: ({ commands }) => commands.oldCommand(),
  storedCommand: (sim) => asking(sim, () => sim.commands.storedCommand()),
  instruments: (sim) => asking(sim, () => writeSome(sim)),
  leap,
  kill: (sim) => withOne(sim, ({ gate }) => gate.kill()),
  killSoon: (sim) => withOne(sim, ({ gate }) => gate.killIn(sim.draw.int(1, POINTS_UNTIL_KILLED_MAX))),
  restart: (sim) => withOne(sim, (process) => void process.stop()),
  freeze,
  thaw: ({ crew }) => {
    for (const { gate } of crew.all) gate.resume();
  },
  storeDown: ({ servers }) => servers.store.setDown(true),
  storeUp: ({ servers }) => servers.store.setDown(false),
  busDown: ({ crew }) => crew.setBusDown(true),
  busUp: ({ crew }) => crew.setBusDown(false),
  jump: (sim) => sim.jump(sim.draw.pick(JUMPS_MS)),
};

/** What api and feed ask of the store; while it is down they get nothing. */
async function asking({ note }: Simulation, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isPortError(error, 'UNAVAILABLE')) throw error;
    note('the store is down');
  }
}

function withOne({ crew, draw, note }: Simulation, work: (process: SimProcess) => void): void {
  const living = crew.living();
  if (living.length === 0) return;
  const process = draw.pick(living);
  note(`to ${process.name}`);
  work(process);
}

/** Stops a process as SIGSTOP does; now and then it is taken for dead, and another begins in its place. */
function freeze(sim: Simulation): void {
  withOne(sim, (process) => {
    process.gate.pause();
    if (sim.draw.chance(0.6)) sim.crew.giveUpOn(process);
  });
}

/** Much time passes at once in the world: in lock-step its candles say so, with an exchange the clock. */
function leap({ feed, jump, draw, swarm }: Simulation): void {
  const ms = draw.pick(LEAPS_MS);
  if (swarm.world.startsWith('EXCHANGE')) jump(ms);
  else feed.leap(ms);
}

async function poison({ publisher, draw, servers, swarm }: Simulation): Promise<void> {
  const now = servers.clock.now();
  const meaning = { kind: 'poison' as const, id: 'poison' };
  const kind = draw.int(0, 3);
  if (kind <= 1) {
    await publisher.publish({ topic: TOPICS.signals, key: 'bad', value: poisonOf(draw, BAD_SIGNALS, now), meaning });
  } else if (kind === 2) {
    await publisher.publish({ topic: TOPICS.commands, key: 'bad', value: poisonOf(draw, BAD_COMMANDS, now), meaning });
  } else {
    const partition = swarm.world.startsWith('EXCHANGE') ? undefined : 0;
    const value = poisonOf(draw, BAD_PRICES, now);
    await publisher.publish({ topic: TOPICS.marketData, key: 'bad', value, partition, meaning });
  }
}

/** Steps and minimum orders, as an exchange's feed stores them. */
async function writeSome({ store, swarm, draw }: Simulation): Promise<void> {
  const known = swarm.symbols.map((symbol): Instrument => ({
    symbol,
    base: symbol.replace('USDT', ''),
    quote: 'USDT',
    priceDecimals: 2,
    amountDecimals: draw.pick([0, 2, 5, 8]),
    minOrderValue: draw.pick([null, 500_000_000n as Money, 100_000_000_000n as Money]),
  }));
  await writeInstruments(store.app.facts, swarm.world, known);
}
