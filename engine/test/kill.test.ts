/**
 * kill -9 at any moment: the processes of a replay over real candles are killed and started again at seeded moments, and
 * what comes of it is what an undisturbed run gives; nothing is lost, nothing is doubled. `KILLS` (default 12) is how
 * often, `KILLS_SEED` which moments.
 */
import type { Store } from '@kairos/ports';
import { openDoors, systemClock } from '@kairos/ports';
import { createSeededRandom } from '@kairos/ports/testing';
import { encodeTradingEvent } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { hasData } from '../src/feed/testing/data.js';
import type { Crew, Part } from './crew.fixture.js';
import { createCrew, PARTS } from './crew.fixture.js';
import type { Remains } from './in-process.fixture.js';
import { memoryPorts, readRemains, runToTheEnd } from './in-process.fixture.js';
import type { AccountId, ReplayWorld, Slice } from './replay-world.fixture.js';
import { ACCOUNT_IDS, askForAccounts, createReplayWorld, hasEnded, until } from './replay-world.fixture.js';

const KILLS = Number(process.env['KILLS'] ?? 12);
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
    const survived = await runKilled(replay);
    for (const id of ACCOUNT_IDS) {
      expect(eventsCommitted(survived, id)).toEqual(undisturbed.events[id]);
      expect(withoutRepeats(survived.events[id])).toEqual(undisturbed.events[id]);
      expect(survived.trades[id]).toEqual(undisturbed.trades[id]);
      expect(survived.equity[id]).toEqual(undisturbed.equity[id]);
      expect(survived.trades[id].length).toBeGreaterThan(2);
    }
    expect(survived.journal.map(({ entry }) => entry)).toEqual(survived.journal.map((_, index) => index + 1));
    expect(survived.market).toEqual(undisturbed.market);
    expect(survived.signals).toEqual(undisturbed.signals);
    expect(survived.prices).toEqual(undisturbed.prices);
    expect(survived.accounts.map(withoutWallTime)).toEqual(undisturbed.accounts.map(withoutWallTime));
    expect(survived.deadLetters).toEqual([]);
  });
});

/** Runs a replay in three processes, each of which is killed now and then. */
async function runKilled(replay: ReplayWorld): Promise<Remains> {
  const { config, world, env } = replay;
  const doors = await openDoors(config, world, { clock: systemClock });
  const crew = createCrew(env);
  try {
    await askForAccounts(doors.bus);
    PARTS.forEach(crew.start);
    for (const kill of killsOf(replay)) await strike(kill, { crew, store: doors.store });
    await until('the replay ends', () => hasEndedAlive(crew, doors.store), PATIENCE_MS);
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
function killsOf({ closes }: ReplayWorld): readonly Kill[] {
  const random = createSeededRandom(SEED);
  const times = [...closes.get(SLICE.symbol)!.keys()].slice(SLICE.rows * TRAINING);
  return Array.from({ length: KILLS }, (_, index) => {
    const after = times[Math.floor(((index + random()) / KILLS) * (times.length - 1))]!;
    const ofAll = [...PARTS, null];
    const part = ofAll[Math.floor(random() * ofAll.length)] ?? null;
    const parts = part === null ? PARTS : [part];
    return random() < WHILE_STARTING
      ? { after: null, ms: random() * START_MS, parts }
      : { after, ms: random() * AFTER_COMMIT_MS, parts };
  });
}

/** Waits for the moment, kills, and starts again. */
async function strike({ after, ms, parts }: Kill, on: { crew: Crew; store: Store }): Promise<void> {
  const { crew, store } = on;
  const isDue = async () => {
    crew.assertAlive();
    return after === null || ((await store.readModels.progress())?.worldTime ?? 0) >= after;
  };
  await until(`the world comes to ${after}`, isDue, PATIENCE_MS);
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
