/** The read models stay fast at any size: no query looks at all documents of a collection, or sorts in memory. */
import type { Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeCursor } from '../cursor.js';
import type { ReadModels } from '../read-models.js';
import { createSampleBooks } from '../sample-books.js';
import {
  createSampleJournal,
  NO_ROWS,
  SAMPLE_TIME as AT,
  sampleCandle,
  sampleCommand,
  samplePoint,
  sampleSignal,
  sampleTime,
} from '../samples.js';
import { createMongoReadModels } from './mongo-read-models.js';
import type { FindSpec, Table } from './tables.js';
import type { TestDatabase } from './test-database.contract.js';
import { createDatabase } from './test-database.contract.js';
import type { WorldTables } from './world-tables.js';
import { worldTables } from './world-tables.js';

let database: TestDatabase;
let tables: WorldTables;
beforeAll(async () => {
  database = createDatabase();
  const { journal, readModels } = await database.open();
  const books = createSampleBooks('a');
  const entries = createSampleJournal();
  await journal.append(entries.next({ events: [books.opened()] }), NO_ROWS);
  for (let n = 1; n <= 40; n++) {
    const events = [books.buys('A', n), books.sells('A', n, { pnl: '1' }), books.denies('B', n)];
    const rows = {
      candles: [sampleCandle({ symbol: 'A', time: sampleTime(n) })],
      signals: ['A', 'B', 'C'].map((symbol) => sampleSignal({ symbol, time: sampleTime(n), action: 'BUY' })),
      equity: [samplePoint('a', n, '5000')],
      commands: [{ command: sampleCommand({ id: `c-${n}` }), accountIds: ['a'] }],
      steps: [],
    };
    await journal.append(entries.next({ events }), rows);
  }
  await readModels.progress();
  const connection = { db: database.db, run: (_: string, work: () => Promise<unknown>) => work() };
  tables = worldTables(connection as never);
});
afterAll(() => database[Symbol.asyncDispose]());

interface Explained {
  readonly collection: string;
  readonly stages: readonly string[];
  readonly documents: number;
  readonly returned: number;
}

/** How the server goes about each query that a question asks. */
async function plansOf(ask: (models: ReadModels) => Promise<unknown>): Promise<Explained[]> {
  const plans: Explained[] = [];
  const explain = (table: Table, explained: Document): void => {
    const stages = [...JSON.stringify(explained).matchAll(/"stage":"([A-Z_]+)"/g)].map(([, stage]) => stage!);
    const stats = (explained['executionStats'] ??
      (explained['stages'] as Document[] | undefined)?.[0]?.['$cursor']?.executionStats) as Document | undefined;
    plans.push({
      collection: table.name,
      stages: [...new Set(stages)],
      documents: Number(stats?.['totalDocsExamined']),
      returned: Number(stats?.['nReturned']),
    });
  };
  const spy = (table: Table): Table => {
    const find = async (spec: FindSpec) => {
      const { filter, ...options } = spec;
      explain(table, await table.collection.find(filter as never, options).explain('executionStats'));
      return table.find(spec);
    };
    return {
      ...table,
      find,
      findOne: async (spec) => (await find({ ...spec, limit: 1 }))[0] ?? null,
      async count(spec, max) {
        const stages = [{ $match: spec.filter }, { $limit: max + 1 }, { $group: { _id: 1, n: { $sum: 1 } } }];
        const options = { hint: spec.hint as string };
        explain(table, await table.collection.aggregate(stages, options).explain('executionStats'));
        return table.count(spec, max);
      },
      async aggregate(stages, hint) {
        explain(table, await table.collection.aggregate(stages as Document[], { hint }).explain('executionStats'));
        return table.aggregate(stages, hint);
      },
    };
  };
  const spies = Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, spy(table)]));
  await ask(createMongoReadModels({ tables: spies as unknown as WorldTables, shards: 1 }));
  return plans;
}

const account = { accountId: 'a' };
const first = { first: 5, after: null };
const after = (kind: 'trade' | 'decision' | 'signal', ...key: (string | number)[]) => ({
  first: 5,
  after: encodeCursor(kind, key),
});
const range = { from: sampleTime(10), to: sampleTime(30) };

const QUESTIONS: readonly [string, (models: ReadModels) => Promise<unknown>][] = [
  ['an account', (m) => m.account('a')],
  ['a trade', (m) => m.trade('t')],
  ['trades', (m) => m.trades(account, first)],
  ['the next trades', (m) => m.trades({ ...account, symbols: ['A'], profitable: true }, after('trade', 70))],
  ['trades of a status', (m) => m.trades({ ...account, status: 'CLOSED', ...range }, after('trade', 70))],
  ['trades of an exit', (m) => m.trades({ ...account, exitReasons: ['PANIC'] }, first)],
  ['how many trades', (m) => m.countTrades({ ...account, symbols: ['A'] }, 10_000)],
  ['closed trades', (m) => m.closedTrades('a', 5, 10)],
  ['decisions', (m) => m.decisions(account, first)],
  ['the next decisions', (m) => m.decisions({ ...account, ...range }, after('decision', 70))],
  ['decisions of a reason', (m) => m.decisions({ ...account, reasons: ['STALE'] }, after('decision', 70))],
  ['how many decisions', (m) => m.countDecisions({ ...account, outcome: 'DENIED' }, 10_000)],
  ['decisions of signals', (m) => m.decisionsOf(['x'], ['a'])],
  ['all signals', (m) => m.signals({}, first)],
  ['the next signals', (m) => m.signals({ action: 'BUY', minConfidence: 0.7, ...range }, after('signal', AT + 1, 'x'))],
  [
    'signals of symbols',
    (m) => m.signals({ symbols: ['A', 'B'], action: 'BUY' }, after('signal', sampleTime(20), 'x')),
  ],
  ['how many signals', (m) => m.countSignals({ symbols: ['A', 'B'], ...range }, 10_000)],
  ['signals by id', (m) => m.signalsById(['x', 'y'])],
  ['candles', (m) => m.candles({ symbol: 'A', interval: '1m', from: AT, before: sampleTime(20), last: 5 })],
  ['equity', (m) => m.equity({ ...account, ...range, pointsMax: 5 })],
  ['closing equity', (m) => m.closingEquity({ ...account, after: AT, to: sampleTime(30), daysMax: 9 })],
  ['events', (m) => m.events('a', 5, 10)],
  ['a command', (m) => m.takenCommand('c-1')],
  ['steps of a command', (m) => m.steps('c-1')],
  ['all commands', (m) => m.commandIds(null, 5)],
  ['commands of an account', (m) => m.commandIds('a', 5)],
];

describe('query plans', () => {
  it.each(QUESTIONS)('%s: found by index, in order, and no more read than asked for', async (_, ask) => {
    const plans = await plansOf(ask);
    expect(plans.length).toBeGreaterThan(0);
    for (const { collection, stages, documents, returned } of plans) {
      expect(stages, collection).not.toContain('COLLSCAN');
      expect(stages, collection).not.toContain('SORT');
      expect(stages.some((stage) => /^(IXSCAN|IDHACK|EOF|COUNT_SCAN|CLUSTERED_IXSCAN|EXPRESS)/.test(stage))).toBe(true);
      expect(documents, collection).toBeLessThanOrEqual(returned + 1);
    }
  });

  it.each([
    ['equity', (m: ReadModels) => m.equity({ ...account, pointsMax: 4 })],
    ['closing equity', (m: ReadModels) => m.closingEquity({ ...account, daysMax: 9 })],
    ['how many trades', (m: ReadModels) => m.countTrades({ ...account, profitable: true }, 10_000)],
    ['how many signals', (m: ReadModels) => m.countSignals({ symbols: ['A'], action: 'BUY' }, 10_000)],
  ])('%s: answered by the index alone', async (_, ask) => {
    expect((await plansOf(ask)).map(({ documents }) => documents)).toEqual((await plansOf(ask)).map(() => 0));
  });
});
