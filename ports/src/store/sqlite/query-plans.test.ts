/** The read models stay fast at any size: no query looks at rows that it leaves out, or sorts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../clock/system.js';
import { encodeCursor } from '../cursor.js';
import type { Sync } from '../promised.js';
import type { ReadModels } from '../read-models.js';
import { SAMPLE_TIME as AT } from '../samples.js';
import type { Connection, SqlValue } from './connection.js';
import { openConnection } from './connection.js';
import { JOURNAL_SCHEMA } from './journal-schema.js';
import { createSqliteReadModels } from './sqlite-read-models.js';

let folder = '';
let connection: Connection;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kairos-plans-'));
  connection = await openConnection(join(folder, 'journal.db'), JOURNAL_SCHEMA, { clock: systemClock });
});
afterAll(() => {
  connection.close();
  rmSync(folder, { recursive: true });
});

/** How SQLite goes about each statement that a question makes. */
function plansOf(ask: (models: Sync<ReadModels>) => unknown): string[] {
  const plans: string[] = [];
  const explain = (sql: string, values: readonly SqlValue[] = []) => {
    if (sql.startsWith('PRAGMA')) return;
    plans.push(...connection.all(`EXPLAIN QUERY PLAN ${sql}`, values).map((row) => String(row[3])));
  };
  const spy: Connection = {
    ...connection,
    all(sql, values) {
      explain(sql, values);
      return connection.all(sql, values);
    },
    get(sql, values) {
      explain(sql, values);
      return connection.get(sql, values);
    },
  };
  ask(createSqliteReadModels(spy, () => 0));
  return plans;
}

const account = { accountId: 'a' };
const first = { first: 20, after: null };
const after = (kind: 'trade' | 'decision' | 'signal', ...key: (string | number)[]) => ({
  first: 20,
  after: encodeCursor(kind, key),
});
const range = { from: AT, to: AT };

const QUESTIONS: readonly [string, (models: Sync<ReadModels>) => unknown][] = [
  ['an account', (m) => m.account('a')],
  ['a trade', (m) => m.trade('t')],
  ['trades', (m) => m.trades(account, first)],
  ['the next trades', (m) => m.trades({ ...account, symbols: ['A'], profitable: true }, after('trade', 7))],
  ['trades of a status', (m) => m.trades({ ...account, status: 'OPEN', ...range }, after('trade', 7))],
  ['trades of an exit', (m) => m.trades({ ...account, exitReasons: ['PANIC'] }, first)],
  ['how many trades', (m) => m.countTrades({ ...account, symbols: ['A'] }, 10_000)],
  ['closed trades', (m) => m.closedTrades('a', 5, 100)],
  ['decisions', (m) => m.decisions(account, first)],
  ['the next decisions', (m) => m.decisions({ ...account, ...range }, after('decision', 7))],
  ['decisions of a reason', (m) => m.decisions({ ...account, reasons: ['STALE'] }, after('decision', 7))],
  ['how many decisions', (m) => m.countDecisions({ ...account, outcome: 'DENIED' }, 10_000)],
  ['the next signals', (m) => m.signals({ action: 'BUY', minConfidence: 0.7, ...range }, after('signal', 7, 'x'))],
  ['signals of symbols', (m) => m.signals({ symbols: ['A', 'B'], action: 'BUY' }, after('signal', 7, 'x'))],
  ['how many signals', (m) => m.countSignals({ symbols: ['A', 'B'], ...range }, 10_000)],
  ['signals by id', (m) => m.signalsById(['x', 'y'])],
  ['candles', (m) => m.candles({ symbol: 'A', interval: '1m', from: AT, before: AT, last: 500 })],
  ['equity', (m) => m.equity({ ...account, ...range, pointsMax: 500 })],
  ['closing equity', (m) => m.closingEquity({ ...account, after: AT, to: AT, daysMax: 9 })],
  ['events', (m) => m.events('a', 5, 100)],
  ['a command', (m) => m.takenCommand('c')],
  ['commands of an account', (m) => m.commandIds('a', 20)],
];

describe('query plans', () => {
  it.each(QUESTIONS)('%s: found by index, in order', (_, ask) => {
    const plans = plansOf(ask);
    expect(plans.length).toBeGreaterThan(0);
    // A list of values is scanned; a table never is.
    const scans = plans.filter((plan) => plan.startsWith('SCAN') && !/json_each|\(subquery/.test(plan));
    expect(scans).toEqual([]);
    expect(plans.filter((plan) => plan.includes('TEMP B-TREE'))).toEqual([]);
  });

  it('all signals: the index is walked from its newest end, up to a page', () => {
    const plans = plansOf((m) => m.signals({}, first));
    expect(plans).toEqual(['SCAN ml_signals USING INDEX signals_newest']);
  });

  it.each([
    [
      'decisions of signals',
      (m: Sync<ReadModels>) => m.decisionsOf(['x'], ['a']),
      /decisions_of_signal \(signal_id=\? AND/,
    ],
    ['steps of a command', (m: Sync<ReadModels>) => m.steps('c'), /SEARCH steps USING INDEX .*\(command_id=\?\)/],
  ])('%s: found by index, and the few that are found are sorted', (_, ask, index) => {
    const plans = plansOf(ask);
    expect(plans.some((plan) => index.test(plan))).toBe(true);
    expect(plans.some((plan) => /^SCAN (decisions|steps)/.test(plan))).toBe(false);
  });
});
