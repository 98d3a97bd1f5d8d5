/** A world over memory ports with a clock that tests move, and operations executed with graphql-js. */
import type { JournalEntry, ReadModelRows } from '@kairos/ports';
import {
  createBusFaults,
  createMemoryBusServer,
  createMemoryStoreServer,
  createSimulatedClock,
  NO_NOTES,
  NO_ROWS,
  sampleEntry,
} from '@kairos/ports/testing';
import type { Instant, PriceBook, TradingEvent, World } from '@kairos/schema';
import { encodeTradingEvent, parsePrice, readConfig, TOPICS } from '@kairos/schema';
import type { ExecutionResult } from 'graphql';
import { execute, parse, subscribe, validate } from 'graphql';
import type { ApiContext, Viewer } from '../src/context.js';
import { buildApiSchema } from '../src/graphql/build-schema.js';
import { createLiveWorld } from '../src/live/live-world.js';
import { createPaperBooks } from './paper-books.js';
import { createRecordedLog } from './quiet-log.js';

/** Wall clock and world time at the beginning. */
export const START = Date.UTC(2026, 0, 1) as Instant;
export const minutes = (count: number): Instant => (START + count * 60_000) as Instant;

export const viewerOf = (role: Viewer['role'], fields: Partial<Viewer> = {}): Viewer => ({
  userId: `user-${role.toLowerCase()}`,
  username: role.toLowerCase(),
  role,
  mustChangePassword: false,
  grantedAccountIds: [],
  familyId: 'family',
  tokenExpiresAt: START + 900_000,
  ...fields,
});
export const ADMIN = viewerOf('ADMIN');
/** Owns acc-1. */
export const ADA = viewerOf('TRADER', { userId: 'user-ada', username: 'ada' });
/** Owns acc-2. */
export const BOB = viewerOf('TRADER', { userId: 'user-bob', username: 'bob' });
/** Reads acc-1. */
export const VERA = viewerOf('VIEWER', { userId: 'user-vera', username: 'vera', grantedAccountIds: ['acc-1'] });

export const books = (id: string, userId: string) => createPaperBooks(START, { id, userId });

export const market = (symbol: string, price: string, at: Instant): PriceBook => {
  const known = { price: parsePrice(price), at };
  return { symbol, market: known, newest: { ...known, source: 'MARKET' }, entry: null };
};

export interface Committed extends Partial<Pick<JournalEntry, 'events' | 'prices' | 'marks' | 'worldTime' | 'notes'>> {
  readonly rows?: Partial<ReadModelRows>;
}

const schema = await buildApiSchema();

export interface FixtureOptions {
  readonly world?: World;
  readonly env?: Record<string, string>;
}

export async function createTradingFixture({ world = 'SIMULATOR', env = {} }: FixtureOptions = {}) {
  const clock = createSimulatedClock(START);
  const log = createRecordedLog();
  const storeServer = createMemoryStoreServer({ clock });
  const busServer = createMemoryBusServer({ partitions: 2, clock });
  const busFaults = createBusFaults(() => 0.5);
  const store = storeServer.connect();
  const bus = busServer.connect(busFaults);
  const config = readConfig({ FEED: 'simulator', ...env });
  const live = createLiveWorld({ bus, store, clock, log }, { world, config });
  const trader = { store: storeServer.connect(), bus: busServer.connect() };
  let entry = 0;
  let worldTime: Instant | null = START;

  /** What the trader does: one journal entry with its rows. */
  const commit = async ({ rows = {}, ...fields }: Committed): Promise<void> => {
    if (fields.worldTime !== undefined) worldTime = fields.worldTime;
    entry += 1;
    const base = { entry, committedAt: clock.now(), notes: NO_NOTES };
    await trader.store.journal.append(sampleEntry({ ...base, ...fields, worldTime }), { ...NO_ROWS, ...rows });
  };
  /** What the trader does then: its events on the bus. */
  const publish = async (events: readonly TradingEvent[]): Promise<void> => {
    const records = events.map((event) => ({ key: event.accountId, value: encodeTradingEvent(event) }));
    await trader.bus.publish(TOPICS.trades, records);
  };
  const contextOf = (viewer: Viewer | null): ApiContext => ({
    deps: { config, world, bus, store, clock, log, live },
    viewer,
    transport: {
      kind: 'socket',
      address: '::1',
      isSecure: false,
      refreshToken: null,
      setRefreshCookie: () => undefined,
    },
    memo: new Map(),
  });
  const operation = (viewer: Viewer | null, source: string, variableValues: Record<string, unknown>) => {
    const document = parse(source);
    const [problem] = validate(schema, document);
    if (problem) throw problem;
    return { schema, document, variableValues, contextValue: contextOf(viewer) };
  };

  return {
    clock,
    log,
    store,
    storeServer,
    bus,
    busFaults,
    trader,
    live,
    config,
    commit,
    publish,
    async commitAndPublish(committed: Committed): Promise<void> {
      await commit(committed);
      await publish(committed.events ?? []);
    },
    ask: async (viewer: Viewer | null, source: string, variables: Record<string, unknown> = {}): Promise<Answer> =>
      answerOf(await execute(operation(viewer, source, variables))),
    async subscribe(viewer: Viewer | null, source: string, variables: Record<string, unknown> = {}) {
      const result = await subscribe(operation(viewer, source, variables));
      return Symbol.asyncIterator in result
        ? { stream: result as AsyncGenerator<ExecutionResult>, code: null }
        : { stream: null, code: answerOf(result).code };
    },
    [Symbol.asyncDispose]: async () => {
      const stopping = live.stop();
      await clock.advance(10_000);
      await stopping;
    },
  };
}

export type TradingFixture = Awaited<ReturnType<typeof createTradingFixture>>;

/** Plain data of an answer: fields by name, lists by index; missing ones are undefined. */
export interface Data {
  readonly [field: string]: Data;
}

export interface Answer {
  readonly data: Data;
  /** Of the first error. */
  readonly code: unknown;
  readonly message: string | null;
}

function answerOf(result: ExecutionResult): Answer {
  const error = result.errors?.[0];
  return {
    data: JSON.parse(JSON.stringify(result.data ?? null)),
    code: error ? (error.extensions['code'] ?? String(error.originalError ?? error)) : null,
    message: error?.message ?? null,
  };
}

/** The next values of a stream, as plain data under their field's name. */
export async function take(stream: AsyncGenerator<ExecutionResult>, count: number): Promise<Record<string, unknown>[]> {
  const taken: Record<string, unknown>[] = [];
  while (taken.length < count) {
    const next = await stream.next();
    if (next.done) break;
    const answer = answerOf(next.value);
    if (answer.code !== null) throw new Error(`${String(answer.code)}: ${answer.message}`);
    taken.push(Object.values(answer.data as Record<string, Record<string, unknown>>)[0] as Record<string, unknown>);
  }
  return taken;
}
