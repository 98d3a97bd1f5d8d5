/** Processes of a replay that are killed and started again at seeded moments; `KILLS_SEED` says which. */
import type { AccountView, Store } from '@kairos/ports';
import { openDoors, systemClock } from '@kairos/ports';
import { createSeededRandom } from '@kairos/ports/testing';
import { encodeTradingEvent } from '@kairos/schema';
import { expect } from 'vitest';
import type { Crew, Part } from './crew.fixture.js';
import { createCrew } from './crew.fixture.js';
import type { Disturbance } from './disturbance.fixture.js';
import { PATIENCE_MS } from './disturbance.fixture.js';
import type { Outcome, Remains } from './in-process.fixture.js';
import { readRemains } from './in-process.fixture.js';
import type { ReplayWorld } from './replay-world.fixture.js';
import { askForAccounts, firstDifference, flawsOf, hasEnded, idsOf, until } from './replay-world.fixture.js';

const SEED = Number(process.env['KILLS_SEED'] ?? 20_240_808);
/** A process is killed while it starts in this part of the cases, within this time. */
const WHILE_STARTING = 0.3;
const START_MS = 1_500;
/** How far after the commit that was waited for, at the most. */
const AFTER_COMMIT_MS = 30;
/** The part of a short file that is only trained on. */
const TRAINING = 0.2;

const ANSWERS: readonly string[] = ['TRADING_STOPPED', 'TRADING_PAUSED', 'TRADING_RESUMED', 'COMMAND_REFUSED'];
export function placeOf(letter: string): string {
  const { topic, partition, offset } = JSON.parse(letter) as { topic: string; partition: number; offset: number };
  return `${topic}:${partition}:${offset}`;
}

/** The command of each last event that a command has, once per event. */
export const answersOf = ({ journal }: Remains): string[] =>
  journal
    .flatMap(({ events }) => events)
    .filter(({ type }) => ANSWERS.includes(type))
    .map(({ causedBy }) => causedBy)
    .sort();

/** Runs a replay in processes of its own, each of which is killed now and then. */
export async function runKilled(replay: ReplayWorld, disturbance: Disturbance): Promise<Remains> {
  const { parts, kills, disturb, isDone } = disturbance;
  const { config, world, env } = replay;
  const doors = await openDoors(config, world, { clock: systemClock });
  const crew = createCrew(env, parts);
  try {
    await askForAccounts(doors.bus);
    parts.forEach(crew.start);
    for (const [index, kill] of killsOf(replay, parts, kills).entries()) {
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
function killsOf({ closes }: ReplayWorld, all: readonly Part[], kills: number): readonly Kill[] {
  const random = createSeededRandom(SEED);
  const [candles] = closes.values();
  const times = [...candles!.keys()].slice(candles!.size * TRAINING);
  return Array.from({ length: kills }, (_, index) => {
    const after = times[Math.floor(((index + random()) / kills) * (times.length - 1))]!;
    const ofAll = [...all, null];
    const part = ofAll[Math.floor(random() * ofAll.length)] ?? null;
    const parts = part === null ? all : [part];
    return random() < WHILE_STARTING
      ? { after: null, ms: random() * START_MS, parts }
      : { after, ms: random() * AFTER_COMMIT_MS, parts };
  });
}

/** Longest that a process is frozen: longer than others wait before they take over what it has. */
const FROZEN_MS_MAX = 15_000;
const FROZEN_MS_MIN = 1_000;

/** Runs a replay in processes of its own; one of `frozen` after the other is frozen for a while and let go on. */
export async function runFrozen(
  replay: ReplayWorld,
  {
    parts,
    frozen,
    freezes,
  }: { readonly parts: readonly Part[]; readonly frozen: readonly Part[]; readonly freezes: number },
): Promise<Remains> {
  const { config, world, env } = replay;
  const random = createSeededRandom(SEED);
  const doors = await openDoors(config, world, { clock: systemClock });
  const crew = createCrew(env, parts);
  try {
    await askForAccounts(doors.bus);
    parts.forEach(crew.start);
    for (const [index, { after }] of killsOf(replay, parts, freezes).entries()) {
      await untilWorldTime(after, { crew, store: doors.store });
      const part = frozen[index % frozen.length]!;
      crew.freeze(part);
      await systemClock.sleep(FROZEN_MS_MIN + random() * (FROZEN_MS_MAX - FROZEN_MS_MIN));
      crew.thaw(part);
    }
    await until('the replay ends', () => hasEndedAlive(crew, doors.store), PATIENCE_MS);
    await crew.stop();
    return await readRemains(doors);
  } finally {
    await crew.killAll();
    await doors.close();
  }
}

/** Waits for the moment, kills, and starts again. */
async function strike(
  { after, ms, parts }: Kill,
  on: { readonly crew: Crew; readonly store: Store; before(): Promise<void> },
): Promise<void> {
  const { crew, store } = on;
  await untilWorldTime(after, { crew, store });
  await on.before();
  await systemClock.sleep(ms);
  await Promise.all(parts.map(crew.kill));
  parts.forEach(crew.start);
}

/** Until this world time has been committed; null: at once. */
async function untilWorldTime(
  after: number | null,
  { crew, store }: { readonly crew: Crew; readonly store: Store },
): Promise<void> {
  const isDue = async () => {
    crew.assertAlive();
    return after === null || ((await store.readModels.progress())?.worldTime ?? 0) >= after;
  };
  await until(`the world comes to ${after}`, isDue, PATIENCE_MS);
}

async function hasEndedAlive(crew: Crew, store: Store): Promise<boolean> {
  crew.assertAlive();
  return hasEnded(store);
}

export const eventsCommitted = ({ journal }: Pick<Remains, 'journal'>, id: string): string[] =>
  journal
    .flatMap(({ events }) => events)
    .filter(({ accountId }) => accountId === id)
    .map((event) => Buffer.from(encodeTradingEvent(event)).toString());

/** What a reader who knows events by their id makes of them. @throws Error when a repeat differs */
export function withoutRepeats(texts: readonly string[]): readonly string[] {
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
function withoutWallTime({ account, openTrades, mark }: AccountView) {
  const { openedByCommandAt: _wall, ...marked } = mark;
  return { account, openTrades, mark: marked };
}

/** Everything that an undisturbed run gives, and nothing twice. */
export function expectSame<Id extends string>(survived: Remains<Id>, undisturbed: Outcome<Id>): void {
  for (const id of idsOf(undisturbed.events)) {
    expect(firstDifference(eventsCommitted(survived, id), undisturbed.events[id])).toBeNull();
    expect(firstDifference(withoutRepeats(survived.events[id]), undisturbed.events[id])).toBeNull();
    expect(survived.trades[id]).toEqual(undisturbed.trades[id]);
    expect(survived.equity[id]).toEqual(undisturbed.equity[id]);
    expect(survived.trades[id].length).toBeGreaterThan(2);
  }
  expect(flawsOf(survived.journal)).toEqual([]);
  expect(sorted(survived.prices)).toEqual(sorted(undisturbed.prices));
  const accounts = ({ accounts: views }: Remains<Id>) =>
    views.map(withoutWallTime).sort((a, b) => a.account.id.localeCompare(b.account.id));
  expect(accounts(survived)).toEqual(accounts(undisturbed));
}

const sorted = (prices: Remains['prices']) => [...prices].sort((a, b) => a.symbol.localeCompare(b.symbol));
