/** A commit is one insert; whatever of the read models a crash leaves out after it is there once the journal is opened. */
import type { Document } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSampleBooks } from '../sample-books.js';
import {
  createSampleJournal,
  NO_ROWS,
  sampleCandle,
  sampleCommand,
  sampleEntry,
  samplePoint,
  samplePriceBook,
  sampleSignal,
  sampleStep,
  sampleTime,
} from '../samples.js';
import { project } from '../projection.js';
import { RETENTION } from '../retention.js';
import { applyChanges } from './apply-changes.js';
import { createSeries } from './series.js';
import { worldTables } from './world-tables.js';
import type { TestDatabase } from './test-database.contract.js';
import { createDatabase } from './test-database.contract.js';
import { ENTRIES_BEHIND_MAX } from './projector.js';

let database: TestDatabase;
beforeAll(() => {
  database = createDatabase();
});
afterEach(() => database.clear());
afterAll(() => database[Symbol.asyncDispose]());

/** Two entries that touch every read model, the second on top of the first. */
function history() {
  const books = createSampleBooks();
  const entries = createSampleJournal();
  const first = entries.next({
    events: [books.opened(), books.buys('BTCUSDT', 1), books.obeys('TRADING_PAUSED', 'cmd-1', 1)],
    prices: [samplePriceBook('BTCUSDT', '68000', 1)],
  });
  const second = entries.next({
    events: [books.sells('BTCUSDT', 2, { pnl: '1' }), books.buys('ETHUSDT', 3), books.obeys('TRADING_RESUMED', 'c', 4)],
    prices: [samplePriceBook('BTCUSDT', '68001', 2)],
    worldTime: sampleTime(4),
  });
  const rowsOf = (minute: number) => ({
    candles: [
      sampleCandle({ closed: minute === 2, at: sampleTime(minute) }),
      sampleCandle({ time: sampleTime(minute) }),
    ],
    signals: [sampleSignal({ time: sampleTime(minute) })],
    equity: [samplePoint('acc-1', 1, String(5000 + minute)), samplePoint('acc-1', minute + 1, '5001')],
    commands: [{ command: sampleCommand(), accountIds: [`acc-${minute}`] }],
    steps: [{ ...sampleStep({ accountId: `acc-${minute}`, kind: 'REFUSED' as const }), commandId: 'cmd-1' }],
  });
  return { first, second, rows: [rowsOf(1), rowsOf(2)] as const };
}

const MODELS = [
  'accounts',
  'commands',
  'decisions',
  'equity',
  'events',
  'market_data',
  'ml_signals',
  'prices',
  'progress',
  'steps',
  'taken_commands',
  'trades',
];

type Dump = Readonly<Record<string, Document[]>>;

async function dump(): Promise<Dump> {
  const contents = MODELS.map(async (name) => [name, await database.db.collection(name).find().sort('_id').toArray()]);
  return Object.fromEntries((await Promise.all(contents)) as [string, Document[]][]);
}

/** Puts collections back to what they were. */
async function putBack(state: Dump, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const collection = database.db.collection(name);
    await collection.deleteMany({});
    if (state[name]!.length > 0) await collection.insertMany([...state[name]!]);
  }
}

/** The read models after the first entry, and after both. */
async function twoStates() {
  const { first, second, rows } = history();
  const store = await database.open();
  await store.journal.append(first, rows[0]);
  await store.readModels.progress();
  const before = await dump();
  await store.journal.append(second, rows[1]);
  await store.readModels.progress();
  const after = await dump();
  await database.closeAll();
  return { before, after, second };
}

describe('a crash between the commit and the read models', () => {
  it('is healed by whoever opens the journal, whatever of them was not written', async () => {
    const { before, after } = await twoStates();
    expect(MODELS.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))).toEqual(
      MODELS.filter((name) => name !== 'commands'),
    );
    const missing = [...MODELS.map((name) => [name]), MODELS, []];
    for (const names of missing) {
      await putBack(before, [...names, 'progress']);
      const store = await database.open();
      expect(await store.journal.head(0)).toMatchObject({ entry: 2 });
      expect(await dump(), `without ${names.join()}`).toEqual(after);
      await database.closeAll();
    }
  });

  it('is healed from the very beginning when no read model was ever written', async () => {
    const { after } = await twoStates();
    await putBack(Object.fromEntries(MODELS.map((name) => [name, []])), MODELS);
    await (await database.open()).journal.head(0);
    expect(await dump()).toEqual(after);
  });

  it('is healed by the next commit too, before anything of it is shown', async () => {
    const { before, after, second } = await twoStates();
    await putBack(before, MODELS);
    const store = await database.open();
    await store.journal.append({ ...sampleEntry(), entry: 3, committedAt: second.committedAt }, NO_ROWS);
    expect(await store.readModels.progress()).toMatchObject({ entry: 3 });
    const { progress: _, ...others } = await dump();
    const { progress: __, ...expected } = after;
    expect(others).toEqual(expected);
  });

  it('is healed by the repeat of a commit whose answer was lost', async () => {
    const { before, after, second } = await twoStates();
    await putBack(before, MODELS);
    const store = await database.open();
    await store.journal.append(second, NO_ROWS);
    expect(await store.readModels.progress()).toMatchObject({ entry: 2 });
    expect(await dump()).toEqual(after);
  });

  it('of an older entry never takes back what a later one wrote', async () => {
    const { before, after } = await twoStates();
    await putBack({ ...before, progress: [] }, ['progress']);
    const stores = await Promise.all([database.open(), database.open(), database.open()]);
    await Promise.all(stores.map((store) => store.journal.head(0)));
    expect(await dump()).toEqual(after);
  });

  it('heals a long journal, more than are kept in memory', async () => {
    const books = createSampleBooks();
    const entries = createSampleJournal();
    const store = await database.open();
    const count = 3 * ENTRIES_BEHIND_MAX;
    await store.journal.append(entries.next({ events: [books.opened()] }), NO_ROWS);
    for (let n = 2; n <= count; n++) {
      await store.journal.append(entries.next({ events: [books.denies('AAA', n)] }), NO_ROWS);
    }
    await store.readModels.progress();
    const after = await dump();
    await database.closeAll();
    await putBack(Object.fromEntries(MODELS.map((name) => [name, []])), MODELS);
    await (await database.open()).journal.head(0);
    expect(await dump()).toEqual(after);
  });
});

describe('the read models of one entry', () => {
  const tablesOf = () =>
    worldTables({ db: database.db, run: (_: string, work: () => Promise<unknown>) => work() } as never);
  const deps = (tables = tablesOf()) => ({ tables, series: createSeries({ tables, retention: RETENTION }) });

  it('written late, after those of the next one, change nothing', async () => {
    const { after } = await twoStates();
    const { first, rows } = history();
    await applyChanges(deps(), [project(first, rows[0])]);
    expect(await dump()).toEqual(after);
  });

  it('written by who had read the account before the next one was, change nothing', async () => {
    const { after } = await twoStates();
    const { first, rows } = history();
    const tables = tablesOf();
    const accounts = { ...tables.accounts, find: async () => [] };
    await applyChanges(deps({ ...tables, accounts }), [project(first, rows[0])]);
    expect(await dump()).toEqual(after);
  });

  it('are said to be there only once all of them are', async () => {
    await database.open();
    const { first, rows } = history();
    const tables = tablesOf();
    const trades = { ...tables.trades, insertNew: () => Promise.reject(new Error('the server is gone')) };
    await expect(applyChanges(deps({ ...tables, trades }), [project(first, rows[0])])).rejects.toThrow('gone');
    expect((await dump())['progress']).toEqual([]);
  });
});
