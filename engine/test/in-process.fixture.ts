/** Feed, predictor and trader in this process, on ports in memory or on files, until a replay has ended. */
import type { AccountView, Bus, JournalEntry, Log, Ownership, Service, Store, StoredEquityPoint } from '@kairos/ports';
import { createLockOwnership, openDoors, systemClock } from '@kairos/ports';
import {
  createMemoryBusServer,
  createMemoryLocks,
  createMemoryStoreServer,
  createSeededRandom,
} from '@kairos/ports/testing';
import type { PriceBook, Topic, Trade } from '@kairos/schema';
import { PAGE_SIZE_MAX, POINTS_MAX, TOPICS } from '@kairos/schema';
import { createFeed } from '../src/feed/index.js';
import { createPredictor } from '../src/predict/index.js';
import { createTrader } from '../src/run/index.js';
import type { AccountId, Accounts, ReplayWorld } from './replay-world.fixture.js';
import {
  ACCOUNTS,
  askForAccounts,
  hasEnded,
  idsOf,
  journalOf,
  recordsOf,
  textOf,
  until,
} from './replay-world.fixture.js';

export interface TestPorts {
  readonly bus: Bus;
  readonly store: Store;
  readonly ownership: Ownership;
  close(): Promise<void>;
}

export type OpenPorts = (replay: ReplayWorld) => Promise<TestPorts>;

export const memoryPorts: OpenPorts = (replay) => openMemoryPorts(replay, 1);

/** As many shards as partitions, all of them this process's own. */
export const shardedMemoryPorts: OpenPorts = (replay) => openMemoryPorts(replay, replay.config.KAFKA_PARTITIONS);

async function openMemoryPorts({ config }: ReplayWorld, shards: number): Promise<TestPorts> {
  const bus = createMemoryBusServer({ partitions: config.KAFKA_PARTITIONS, clock: systemClock }).connect();
  const store = createMemoryStoreServer({ clock: systemClock, shards }).connect();
  return {
    bus,
    store,
    ownership: createLockOwnership({ lock: createMemoryLocks().lock('trader'), clock: systemClock }, store.shards),
    async close() {
      await bus.close();
      await store.close();
    },
  };
}

export const filePorts: OpenPorts = async ({ config, world }) => {
  const doors = await openDoors(config, world, { clock: systemClock });
  return { bus: doors.bus, store: doors.store, ownership: doors.ownership, close: () => doors.close() };
};

/** What a run leaves behind on bus and store. */
export interface Remains<Id extends string = AccountId> {
  /** Messages of `crypto.trades` by account. */
  readonly events: Readonly<Record<Id, readonly string[]>>;
  readonly signals: readonly string[];
  /** Messages of `crypto.market_data`. */
  readonly market: readonly string[];
  /** Messages of `crypto.dead_letter`. */
  readonly deadLetters: readonly string[];
  readonly journal: readonly JournalEntry[];
  readonly accounts: readonly AccountView[];
  readonly prices: readonly PriceBook[];
  readonly equity: Readonly<Record<Id, readonly StoredEquityPoint[]>>;
  /** Newest first. */
  readonly trades: Readonly<Record<Id, readonly Trade[]>>;
}

export interface Outcome<Id extends string = AccountId> extends Remains<Id> {
  /** Warnings and errors that were logged. */
  readonly complaints: readonly string[];
}

const RUN_MS_MAX = 240_000;

/** Runs a replay to its end. */
export const runToTheEnd = (replay: ReplayWorld, open: OpenPorts): Promise<Outcome> =>
  runAccountsToTheEnd(replay, open, ACCOUNTS);

/** As `runToTheEnd`, for these accounts. */
export async function runAccountsToTheEnd<Id extends string>(
  replay: ReplayWorld,
  open: OpenPorts,
  accounts: Accounts<Id>,
): Promise<Outcome<Id>> {
  const ports = await open(replay);
  const complaints: string[] = [];
  const services = createServices(replay, ports, complainingLog(complaints));
  const failures: unknown[] = [];
  for (const service of services) service.ended.catch((error: unknown) => failures.push(error));
  try {
    await askForAccounts(ports.bus, accounts);
    for (const service of services) await service.start();
    await until(
      'the replay ends',
      async () => {
        if (failures.length > 0) throw failures[0];
        return hasEnded(ports.store);
      },
      RUN_MS_MAX,
    );
    for (const service of [...services].reverse()) await service.stop();
    return { ...(await readRemainsOf(ports, accounts)), complaints };
  } finally {
    for (const service of services) await service.stop();
    await ports.close();
  }
}

function createServices({ config, world }: ReplayWorld, { bus, store, ownership }: TestPorts, log: Log): Service[] {
  const deps = { bus, store, clock: systemClock, log, random: createSeededRandom(7) };
  const options = { config, world, instance: 'test' };
  return [createTrader({ ...deps, ownership }, options), createPredictor(deps, options), createFeed(deps, options)];
}

function complainingLog(complaints: string[]): Log {
  const complain = (_fields: object, message: string) => void complaints.push(message);
  const log: Log = { debug: () => undefined, info: () => undefined, warn: complain, error: complain, child: () => log };
  return log;
}

type Ends = Pick<TestPorts, 'bus' | 'store'>;

export const readRemains = (ends: Ends): Promise<Remains> => readRemainsOf(ends, ACCOUNTS);

/** As `readRemains`, of these accounts. */
export async function readRemainsOf<Id extends string>(
  { bus, store }: Ends,
  accounts: Accounts<Id>,
): Promise<Remains<Id>> {
  const ids = idsOf(accounts);
  const messages = async (topic: Topic) => (await recordsOf(bus, topic)).map(textOf);
  const { readModels } = store;
  const published = new Map<string | null, string[]>(ids.map((id) => [id, []]));
  for (const record of await recordsOf(bus, TOPICS.trades)) published.get(record.key)?.push(textOf(record));
  return {
    events: await byAccount(ids, async (id) => published.get(id)!),
    signals: await messages(TOPICS.signals),
    market: await messages(TOPICS.marketData),
    deadLetters: await messages(TOPICS.deadLetter),
    journal: await journalOf(store),
    accounts: await readModels.accounts(),
    prices: await readModels.prices(),
    equity: await byAccount(ids, (accountId) => readModels.equity({ accountId, pointsMax: POINTS_MAX })),
    trades: await byAccount(ids, (accountId) => tradesOf(store, accountId)),
  };
}

async function tradesOf({ readModels }: Store, accountId: string): Promise<readonly Trade[]> {
  const trades: Trade[] = [];
  for (let after: string | null = null; ;) {
    const page = await readModels.trades({ accountId }, { first: PAGE_SIZE_MAX, after });
    trades.push(...page.rows.map(({ row }) => row));
    after = page.rows.at(-1)?.cursor ?? null;
    if (!page.hasNext) return trades;
  }
}

async function byAccount<Id extends string, T>(
  ids: readonly Id[],
  read: (id: Id) => Promise<T>,
): Promise<Readonly<Record<Id, T>>> {
  const entries = await Promise.all(ids.map(async (id) => [id, await read(id)] as const));
  return Object.fromEntries(entries) as Record<Id, T>;
}
