/**
 * kill -9 at any moment: the processes of a replay over real candles are killed and started again at seeded moments, and
 * what comes of it is what an undisturbed run gives; nothing is lost, nothing is doubled. `KILLS` (default 12) is how
 * often, `KILLS_SEED` which moments.
 */
import type { Bus, Doors, Store } from '@kairos/ports';
import { openDoors, systemClock } from '@kairos/ports';
import { createSeededRandom } from '@kairos/ports/testing';
import type { Topic } from '@kairos/schema';
import { encodeTradingEvent, INTERVAL_MS, TOPICS } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { hasData } from '../src/feed/testing/data.js';
import { createAuditor } from './auditor.fixture.js';
import type { Crew, Part } from './crew.fixture.js';
import { createCrew, PARTS } from './crew.fixture.js';
import type { Remains } from './in-process.fixture.js';
import { memoryPorts, readRemains, runToTheEnd } from './in-process.fixture.js';
import type { AccountId, ReplayWorld, Slice } from './replay-world.fixture.js';
import {
  ACCOUNT_IDS,
  askForAccounts,
  createReplayWorld,
  firstDifference,
  flawsOf,
  hasEnded,
  recordsOf,
  until,
} from './replay-world.fixture.js';

const KILLS = Number(process.env['KILLS'] ?? 12);
/** Of these with commands and bad messages in between, to keep the time within bounds. */
const KILLS_DISTURBED = Math.ceil(KILLS / 2);
const SEED = Number(process.env['KILLS_SEED'] ?? 20_240_808);
const TEST_MS = 180_000 + KILLS * 30_000;
/** How long a crew may take from one moment to the next. */
const PATIENCE_MS = 120_000;
/** A process is killed while it starts in this part of the cases, within this time. */
const WHILE_STARTING = 0.3;
const START_MS = 1_500;
/** How far after the commit that was waited for, at the most. */
const AFTER_COMMIT_MS = 30;

const SLICE: Slice = { symbol: 'BTCUSDT', file: 'btcusdt-1h-201708-202408.csv.gz', rows: 3_000 };
/** The part of a short file that is only trained on. */
const TRAINING = 0.2;
/** The highest that FEED_SPEED may be: 278 hours per second. */
const SPEED = '1000000';

const isThere = hasData(SLICE.file);

describe('a replay over real candles', { timeout: TEST_MS }, () => {
  it.skipIf(!isThere)(`gives what an undisturbed run gives over ${KILLS} times kill -9`, async () => {
    using calm = await createReplayWorld([SLICE]);
    using replay = await createReplayWorld([SLICE], { FEED_SPEED: SPEED });
    const undisturbed = await runToTheEnd(calm, memoryPorts);
    const survived = await runKilled(replay, {
      kills: KILLS,
      disturb: () => Promise.resolve(),
      isDone: () => Promise.resolve(true),
    });
    for (const id of ACCOUNT_IDS) {
      expect(firstDifference(eventsCommitted(survived, id), undisturbed.events[id])).toBeNull();
      expect(firstDifference(withoutRepeats(survived.events[id]), undisturbed.events[id])).toBeNull();
      expect(survived.trades[id]).toEqual(undisturbed.trades[id]);
      expect(survived.equity[id]).toEqual(undisturbed.equity[id]);
      expect(survived.trades[id].length).toBeGreaterThan(2);
    }
    expect(flawsOf(survived.journal)).toEqual([]);
    expect(firstDifference(survived.market, undisturbed.market)).toBeNull();
    expect(firstDifference(survived.signals, undisturbed.signals)).toBeNull();
    expect(survived.prices).toEqual(undisturbed.prices);
    expect(survived.accounts.map(withoutWallTime)).toEqual(undisturbed.accounts.map(withoutWallTime));
    expect(survived.deadLetters).toEqual([]);
  });

  it.skipIf(!isThere)(
    `obeys each command once, and writes each dead letter once, over ${KILLS_DISTURBED} times kill -9`,
    async () => {
      using replay = await createReplayWorld([SLICE], { FEED_SPEED: SPEED });
      const commands: string[] = [];
      const bad: string[] = [];
      const survived = await runKilled(replay, {
        kills: KILLS_DISTURBED,
        async disturb(index, { bus }) {
          const action = ACTIONS[index % ACTIONS.length]!;
          for (const accountId of ACCOUNT_IDS) commands.push(await command(bus, { action, accountId, index }));
          for (const topic of BAD_ON) bad.push(await notValid(bus, topic));
        },
        async isDone({ store, bus }) {
          const steps = await Promise.all(commands.map((id) => store.readModels.steps(id)));
          const letters = new Set((await recordsOf(bus, TOPICS.deadLetter)).map(({ key }) => key));
          return steps.every((of) => of.some(({ kind }) => LAST_STEPS.includes(kind))) && letters.size >= bad.length;
        },
      });
      for (const id of ACCOUNT_IDS) {
        const auditor = createAuditor({ accountId: id, closes: replay.closes, intervalMs: INTERVAL_MS['1h'] });
        const events = withoutRepeats(survived.events[id]);
        expect(firstDifference(events, eventsCommitted(survived, id))).toBeNull();
        events.forEach(auditor.take);
      }
      expect(answersOf(survived)).toEqual([...commands].sort());
      expect(survived.deadLetters.map(placeOf).sort()).toEqual([...bad].sort());
    },
  );
});

const ACTIONS = ['PAUSE_BOT', 'RESUME_BOT', 'STOP_BOT', 'RESUME_BOT'];
const LAST_STEPS: readonly string[] = ['STOPPED', 'PAUSED', 'RESUMED', 'REFUSED'];
const ANSWERS: readonly string[] = ['TRADING_STOPPED', 'TRADING_PAUSED', 'TRADING_RESUMED', 'COMMAND_REFUSED'];
const BAD_ON: readonly Topic[] = [TOPICS.signals, TOPICS.commands, TOPICS.marketData];

/** Publishes a command twice over; its id. */
async function command(bus: Bus, what: { action: string; accountId: string; index: number }): Promise<string> {
  const { action, accountId, index } = what;
  const id = `${action}-${index}-${accountId}`;
  const value = Buffer.from(JSON.stringify({ v: 1, id, action, accountId, time: systemClock.now() }));
  const record = { key: accountId, value };
  await bus.publish(TOPICS.commands, [record, record]);
  return id;
}

/** Publishes what is no message; where it stands. */
async function notValid(bus: Bus, topic: Topic): Promise<string> {
  const [place] = await bus.publish(topic, [{ key: null, value: Buffer.from('{"v":2}'), partition: 0 }]);
  return `${topic}:${place!.partition}:${place!.offset}`;
}

function placeOf(letter: string): string {
  const { topic, partition, offset } = JSON.parse(letter) as { topic: string; partition: number; offset: number };
  return `${topic}:${partition}:${offset}`;
}

/** The command of each last event that a command has, once per event. */
const answersOf = ({ journal }: Remains): string[] =>
  journal
    .flatMap(({ events }) => events)
    .filter(({ type }) => ANSWERS.includes(type))
    .map(({ causedBy }) => causedBy)
    .sort();

interface Disturbance {
  /** How often processes are killed. */
  readonly kills: number;
  /** Before the kill of this number. */
  disturb(index: number, doors: Doors): Promise<void>;
  /** Whether what it has done has been dealt with. */
  isDone(doors: Doors): Promise<boolean>;
}

/** Runs a replay in three processes, each of which is killed now and then. */
async function runKilled(replay: ReplayWorld, { kills, disturb, isDone }: Disturbance): Promise<Remains> {
  const { config, world, env } = replay;
  const doors = await openDoors(config, world, { clock: systemClock });
  const crew = createCrew(env);
  try {
    await askForAccounts(doors.bus);
    PARTS.forEach(crew.start);
    for (const [index, kill] of killsOf(replay, kills).entries()) {
      const before = () => disturb(index, doors);
      await strike(kill, { crew, store: doors.store, before });
    }
    await until('the replay ends', () => hasEndedAlive(crew, doors.store), PATIENCE_MS);
    await until('all is dealt with', () => isDone(doors), PATIENCE_MS);
    await crew.stop();
    return await readRemains(doors);
  } finally {
    await crew.killAll();
    await doors.close();
  }
}

interface Kill {
  /** World time that must have been committed; null: at once, while processes may still be starting. */
  readonly after: number | null;
  /** How long after that. */
  readonly ms: number;
  readonly parts: readonly Part[];
}

/** Seeded: spread over the replay, of one process or of all. */
function killsOf({ closes }: ReplayWorld, kills: number): readonly Kill[] {
  const random = createSeededRandom(SEED);
  const times = [...closes.get(SLICE.symbol)!.keys()].slice(SLICE.rows * TRAINING);
  return Array.from({ length: kills }, (_, index) => {
    const after = times[Math.floor(((index + random()) / kills) * (times.length - 1))]!;
    const ofAll = [...PARTS, null];
    const part = ofAll[Math.floor(random() * ofAll.length)] ?? null;
    const parts = part === null ? PARTS : [part];
    return random() < WHILE_STARTING
      ? { after: null, ms: random() * START_MS, parts }
      : { after, ms: random() * AFTER_COMMIT_MS, parts };
  });
}

/** Waits for the moment, kills, and starts again. */
async function strike(
  { after, ms, parts }: Kill,
  on: { readonly crew: Crew; readonly store: Store; before(): Promise<void> },
): Promise<void> {
  const { crew, store } = on;
  const isDue = async () => {
    crew.assertAlive();
    return after === null || ((await store.readModels.progress())?.worldTime ?? 0) >= after;
  };
  await until(`the world comes to ${after}`, isDue, PATIENCE_MS);
  await on.before();
  await systemClock.sleep(ms);
  await Promise.all(parts.map(crew.kill));
  parts.forEach(crew.start);
}

async function hasEndedAlive(crew: Crew, store: Store): Promise<boolean> {
  crew.assertAlive();
  return hasEnded(store);
}

const eventsCommitted = ({ journal }: Remains, id: AccountId): string[] =>
  journal
    .flatMap(({ events }) => events)
    .filter(({ accountId }) => accountId === id)
    .map((event) => Buffer.from(encodeTradingEvent(event)).toString());

/** What a reader who knows events by their id makes of them. @throws Error when a repeat differs */
function withoutRepeats(texts: readonly string[]): readonly string[] {
  const byId = new Map<string, string>();
  for (const text of texts) {
    const { id } = JSON.parse(text) as { id: string };
    const before = byId.get(id);
    if (before !== undefined && before !== text) throw new Error(`expected ${before} again, found ${text}`);
    byId.set(id, text);
  }
  return [...byId.values()];
}

/** An account as it stands, without the wall times at which it was made. */
function withoutWallTime({ account, openTrades, mark }: Remains['accounts'][number]) {
  const { openedByCommandAt: _wall, ...marked } = mark;
  return { account, openTrades, mark: marked };
}
