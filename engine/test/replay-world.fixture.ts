/** Replays of real candles: what to run, and what to read of it afterwards. Everything lies in a temporary folder. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Bus, BusRecord, JournalEntry, Store } from '@kairos/ports';
import { systemClock, worldOf } from '@kairos/ports';
import type { Config, Topic, World } from '@kairos/schema';
import { readConfig, TOPICS } from '@kairos/schema';
import { dataFile } from '../src/feed/testing/data.js';

/** The first rows of a file of real candles. */
export interface Slice {
  readonly symbol: string;
  readonly file: string;
  readonly rows: number;
}

/** A close of the files themselves, in text. */
export type ClosesBySymbol = ReadonlyMap<string, ReadonlyMap<number, string>>;

export interface ReplayWorld {
  readonly env: Readonly<Record<string, string>>;
  readonly config: Config;
  readonly world: World;
  /** By symbol and open time. */
  readonly closes: ClosesBySymbol;
  [Symbol.dispose](): void;
}

/** Writes the slices into a folder of their own. `env` adds to the variables, FEED_SPEED=max by default. */
export async function createReplayWorld(
  slices: readonly Slice[],
  env: Readonly<Record<string, string>> = {},
): Promise<ReplayWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-replay-'));
  const closes = new Map<string, ReadonlyMap<number, string>>();
  const files = slices.map(({ symbol, file, rows }) => {
    const path = join(folder, `${symbol}.csv.gz`);
    const lines = gunzipSync(readFileSync(dataFile(file)))
      .toString()
      .split('\n')
      .slice(0, rows + 1);
    writeFileSync(path, gzipSync(`${lines.join('\n')}\n`));
    closes.set(symbol, closesOf(lines));
    return path;
  });
  const variables = {
    DATA_DIR: join(folder, 'data'),
    FEED: `replay:${files.join(',')}`,
    FEED_SPEED: 'max',
    SYMBOLS: slices.map(({ symbol }) => symbol).join(','),
    LOG_LEVEL: 'warn',
    ...env,
  };
  const config = readConfig(variables);
  if (config.FEED.kind !== 'replay') throw new Error('expected a replay');
  const world = await worldOf(config.FEED, { symbols: config.SYMBOLS });
  return {
    env: variables,
    config,
    world,
    closes,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Columns: time, open, high, low, close. */
function closesOf([, ...rows]: readonly string[]): ReadonlyMap<number, string> {
  return new Map(rows.map((row) => row.split(',')).map((cells) => [Number(cells[0]), cells[4]!]));
}

/** An account by the defaults, and one with every exit and limit on. */
export const ACCOUNTS = {
  plain: {},
  careful: {
    minConfidence: 0.6,
    riskPerTrade: '0.3',
    slippage: '0.0007',
    stopLoss: '0.01',
    takeProfit: '0.015',
    trailingStop: '0.012',
    cooldownSeconds: 3_600,
    dailyLossLimit: '0.05',
    maxDrawdown: '0.3',
  },
} as const;

export type AccountId = keyof typeof ACCOUNTS;
export const ACCOUNT_IDS = Object.keys(ACCOUNTS) as AccountId[];

/** Settings by account. */
export type Accounts<Id extends string = AccountId> = Readonly<Record<Id, object>>;
export const idsOf = <Id extends string>(accounts: Accounts<Id>): readonly Id[] => Object.keys(accounts) as Id[];

/** Asks for the accounts, all in one call and partition: a fresh world takes them together, before its first price. */
export async function askForAccounts(bus: Bus, accounts: Accounts<string> = ACCOUNTS): Promise<void> {
  const records = idsOf(accounts).map((accountId) => {
    const account = { name: accountId, mode: 'PAPER', initialBalance: '5000', userId: 'user-1' };
    const message = { v: 1, id: `open-${accountId}`, action: 'OPEN_ACCOUNT', accountId, account };
    const value = Buffer.from(JSON.stringify({ ...message, settings: accounts[accountId] }));
    return { key: accountId, value, partition: 0 };
  });
  await bus.publish(TOPICS.commands, records);
}

/** How long a broker that is busy may take to give what it has. */
const READ_MS_MAX = 30_000;

/** Everything that stands on a topic, partition by partition. */
export async function recordsOf(bus: Bus, topic: Topic): Promise<readonly BusRecord[]> {
  const all: BusRecord[] = [];
  for (const { partition, earliest, next } of await bus.offsets(topic)) {
    const reader = await bus.read({ from: [{ topic, partition, position: earliest }] });
    for (let at = earliest; at < next;) {
      const records = await reader.poll(5_000, READ_MS_MAX);
      if (records.length === 0) throw new Error(`expected ${topic}:${partition} up to ${next}, found nothing at ${at}`);
      all.push(...records.filter(({ offset }) => offset < next));
      at = records.at(-1)!.offset + 1;
    }
    await reader.close();
  }
  return all;
}

export const textOf = ({ value }: BusRecord): string => Buffer.from(value).toString();

/** The messages of `crypto.trades` of an account as text, in the order in which they stand there. */
export async function publishedEvents(bus: Bus, accountId: string): Promise<readonly string[]> {
  return (await recordsOf(bus, TOPICS.trades)).filter(({ key }) => key === accountId).map(textOf);
}

/** Where two lists of text begin to differ; null when they are the same. Whole histories are no reading matter. */
export function firstDifference(found: readonly string[], expected: readonly string[]): object | null {
  const index = expected.findIndex((text, at) => found[at] !== text);
  if (index < 0 && found.length === expected.length) return null;
  const at = index < 0 ? expected.length : index;
  return { at, found: found[at], expected: expected[at] };
}

const ENTRIES = 500;

/** The whole journal, shard by shard. */
export async function journalOf(store: Store): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for (let shard = 0; shard < store.shards; shard++) {
    for (let after = 0; ;) {
      const more = await store.journal.read(shard, after, ENTRIES);
      if (more.length === 0) break;
      entries.push(...more);
      after = more.at(-1)!.entry;
    }
  }
  return entries;
}

/** What of a journal is not as it must be: entries numbered without a gap, epochs that never go back. */
export function flawsOf(journal: readonly JournalEntry[]): readonly string[] {
  const flaws: string[] = [];
  const heads = new Map<number, JournalEntry>();
  for (const entry of journal) {
    const head = heads.get(entry.shard);
    const name = `shard ${entry.shard}, entry ${entry.entry}`;
    if (entry.entry !== (head?.entry ?? 0) + 1) flaws.push(`${name} follows ${head?.entry ?? 0}`);
    if (entry.epoch < (head?.epoch ?? 0)) flaws.push(`${name} of epoch ${entry.epoch} follows epoch ${head?.epoch}`);
    if (entry.epoch === head?.epoch && entry.owner !== head.owner)
      flaws.push(`${name}: epoch ${entry.epoch} has two owners`);
    heads.set(entry.shard, entry);
  }
  return flaws;
}

const LOOK_MS = 10;

/** Looks until it holds. @throws Error when it has not after `msMax` */
export async function until(what: string, holds: () => Promise<boolean> | boolean, msMax: number): Promise<void> {
  const began = systemClock.monotonicMs();
  while (!(await holds())) {
    if (systemClock.monotonicMs() - began > msMax) throw new Error(`expected within ${msMax} ms that ${what}`);
    await systemClock.sleep(LOOK_MS);
  }
}

/** Whether the trader has taken the end of the replay. */
export const hasEnded = async (store: Store): Promise<boolean> =>
  ((await store.readModels.progress())?.notes.feedEndedAt ?? null) !== null;
