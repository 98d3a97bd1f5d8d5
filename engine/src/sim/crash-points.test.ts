/**
 * R2: at every await of a trader, between the record that is read and the position that is stored, it is killed there and
 * begun anew: what comes of it is what an undisturbed run gives, with the same inputs in the same order.
 */
import type { TradingEvent } from '@kairos/schema';
import { parseMoney, parseSettingsPatch, TOPICS } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { leftToTake } from './harness/calm.js';
import type { Simulation } from './harness/simulation.js';
import { createSimulation } from './harness/simulation.js';
import type { Swarm } from './swarm.js';
import { drawSwarm } from './swarm.js';

const STEP_MS = 20;
const PATIENCE_STEPS = 1_500;

/** Its predictor is there. */
const SEED = 2;

/** A world without any fault but the one that is asked for. */
const swarmOf = (world: string): Swarm => ({
  ...drawSwarm(SEED),
  world,
  partitions: 2,
  shards: 1,
  traders: 1,
  symbols: ['BTCUSDT'],
  secret: null,
  workMs: 0,
  recordsMax: 1_000_000,
  busRates: {},
  storeRate: 0,
  skewMsMax: 0,
  venueRate: 0,
  stepEventsMax: null,
});

type Message = (sim: Simulation) => Promise<void>;

const command =
  (id: string, rest: object): Message =>
  ({ publisher, servers }) =>
    publisher.publish({
      topic: TOPICS.commands,
      key: 'a1',
      value: { id, accountId: 'a1', time: servers.clock.now(), ...rest },
      meaning: { kind: 'command', id: `${id}>a1`, accountId: 'a1' },
    });

const signal =
  (id: string, action: string, price: bigint): Message =>
  ({ publisher, servers }) =>
    publisher.publish({
      topic: TOPICS.signals,
      key: 'BTCUSDT',
      value: { id, symbol: 'BTCUSDT', action, confidence: 0.9, price: String(price), time: servers.clock.now() },
      meaning: { kind: 'signal', id, price: price * 10n ** 12n },
    });

const poison: Message = ({ publisher }) =>
  publisher.publish({ topic: TOPICS.signals, key: null, value: 'poison', meaning: { kind: 'poison', id: 'poison' } });

const open = command('open', {
  action: 'OPEN_ACCOUNT',
  account: { name: 'main', initialBalance: String(parseMoney('5000') / 10n ** 8n), userId: 'u' },
  settings: parseSettingsPatch({ minConfidence: 0.5 }),
});

const EXCHANGE: readonly Message[] = [
  open,
  signal('s1', 'BUY', 60_000n),
  signal('s2', 'SELL', 61_000n),
  poison,
  signal('s2', 'SELL', 61_000n),
  signal('s3', 'BUY', 61_000n),
  command('stop', { action: 'STOP_BOT' }),
  signal('s4', 'BUY', 61_000n),
];

const LOCK_STEP: readonly Message[] = [
  open,
  ({ feed }) => feed.prices(),
  ({ feed }) => feed.flush(),
  signal('s1', 'BUY', 60_000n),
  ({ feed }) => feed.prices(),
  ({ feed }) => feed.flush(),
  command('stop', { action: 'STOP_BOT' }),
];

/** What happened, without the times at which it did. */
const textOf = ({ id, type, causedBy, account, decision, trade }: TradingEvent): string =>
  [id, type, causedBy, account.cash, account.status, decision?.reason, trade?.id, trade?.amount, trade?.pnl].join(' ');

interface Played {
  readonly events: readonly string[];
  readonly letters: number;
  readonly points: readonly string[];
}

/** Publishes one message after the other, each when the one before has been dealt with. */
async function play(world: string, script: readonly Message[], killAt: number | null): Promise<Played> {
  const points: string[] = [];
  const sim = createSimulation(swarmOf(world), {
    onPoint(point) {
      points.push(point);
      return points.length === killAt;
    },
  });
  sim.crew.tend(false);
  await sim.advance(0);
  for (const message of script) {
    await message(sim);
    await untilDone(sim);
  }
  await sim.overseer.finish();
  const events = await sim.store.readModels.events('a1', 0, 1_000);
  const bus = await sim.servers.bus.connect().offsets(TOPICS.deadLetter);
  for (const { gate } of sim.crew.all) gate.kill();
  return { events: events.map(textOf), letters: bus[0]?.next ?? 0, points };
}

/** Until it has been taken, closed and published. */
async function untilDone(sim: Simulation): Promise<void> {
  for (let steps = 0; steps < PATIENCE_STEPS; steps++) {
    await sim.advance(STEP_MS);
    sim.crew.tend(false);
    const accounts = [...sim.overseer.auditorOf(0).accounts.values()];
    const isStopping = accounts.some(({ status }) => status === 'STOPPING');
    if (!isStopping && leftToTake(sim) === null && (await sim.overseer.unpublished()) === null) return;
  }
  throw new Error(`expected the message to be dealt with, found ${leftToTake(sim) ?? 'something unpublished'}`);
}

/** Points of one kind count as one line. */
function listOf(points: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const point of points) counts.set(point, (counts.get(point) ?? 0) + 1);
  return [...counts].map(([point, count]) => `  ${String(count).padStart(4)}  ${point}`).join('\n');
}

/** What must be among the points, or the enumeration is not one of what matters. */
const NEEDED = [
  'after poll',
  'before journal.append',
  'after journal.append',
  'before publish crypto.trades',
  'after publish crypto.trades',
  'before journal.head',
  'after journal.read',
];

describe('a trader that is killed', { timeout: 600_000 }, () => {
  it.each([
    { world: 'EXCHANGE:sim', script: EXCHANGE },
    { world: 'SIMULATOR', script: LOCK_STEP },
  ])('at any await at all leaves what an undisturbed one leaves, in $world', async ({ world, script }) => {
    const calm = await play(world, script, null);
    expect(calm.points).toEqual(expect.arrayContaining(NEEDED));
    const different: string[] = [];
    for (let killAt = 1; killAt <= calm.points.length; killAt++) {
      const { events, letters } = await play(world, script, killAt);
      const isSame = events.join('\n') === calm.events.join('\n') && letters === calm.letters;
      if (!isSame) different.push(`${killAt}: ${calm.points[killAt - 1]}`);
    }
    console.log(`${world}: killed at each of ${calm.points.length} points\n${listOf(calm.points)}`);
    expect(different).toEqual([]);
    expect(calm.events.join('\n')).toContain('TRADING_STOPPED');
  });
});
