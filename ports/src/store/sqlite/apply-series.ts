/**
 * Candles, signals and equity points: stored in bulk, counted, and the oldest removed beyond their limits. Points of
 * equity are thinned with age, so that their limit is never reached by growing old alone.
 */
import type { Instant, MarketCandle } from '@kairos/schema';
import { formatMoney, MONEY_DECIMALS, toNumber } from '@kairos/schema';
import type { Changes } from '../projection.js';
import type { StoredEquityPoint, StoredSignal } from '../read-models.js';
import type { Retention } from '../retention.js';
import { TRIM_ROWS_MAX } from '../retention.js';
import { DOCS } from '../row-codecs.js';
import { dueThinning } from '../thinning.js';
import type { Connection, SqlValue } from './connection.js';
import { removeSuperfluous } from './equity-query.js';
import type { Target } from './insert-many.js';
import { insertMany, targetOf } from './insert-many.js';

const CANDLE_COLUMNS = ['symbol', 'interval', 'time', 'closed', 'at', 'doc'];
const NEW_CANDLES = targetOf({ insert: 'INSERT OR IGNORE INTO market_data', columns: CANDLE_COLUMNS });
const CHANGED_CANDLES = targetOf({
  insert: 'INSERT INTO market_data',
  columns: CANDLE_COLUMNS,
  onConflict: `ON CONFLICT DO UPDATE SET closed = excluded.closed, at = excluded.at, doc = excluded.doc
    WHERE excluded.closed > market_data.closed
      OR (excluded.closed = market_data.closed AND excluded.at >= market_data.at)`,
});

const EQUITY_COLUMNS = ['account_id', 'time', 'value', 'equity', 'balance'];
const NEW_POINTS = targetOf({ insert: 'INSERT OR IGNORE INTO equity', columns: EQUITY_COLUMNS });
const CHANGED_POINTS = targetOf({ insert: 'INSERT OR REPLACE INTO equity', columns: EQUITY_COLUMNS });

const SIGNALS = targetOf({
  insert: 'INSERT OR IGNORE INTO ml_signals',
  columns: ['id', 'time', 'symbol', 'action', 'confidence', 'doc'],
});

const candleRow = (candle: MarketCandle): SqlValue[] => [
  candle.symbol,
  candle.interval,
  candle.time,
  Number(candle.closed),
  candle.at,
  DOCS.candle.write(candle),
];

const pointRow = (point: StoredEquityPoint): SqlValue[] => [
  point.accountId,
  point.time,
  toNumber(point.equity, MONEY_DECIMALS),
  formatMoney(point.equity),
  formatMoney(point.balance),
];

const signalRow = (signal: StoredSignal): SqlValue[] => [
  signal.id,
  signal.time,
  signal.symbol,
  signal.action,
  signal.confidence,
  DOCS.signal.write(signal),
];

export function applySeries(connection: Connection, changes: Changes, retention: Retention): void {
  for (const candles of groupBy(changes.candles, (candle) => `${candle.symbol} ${candle.interval}`)) {
    const added = addNew(connection, candles.map(candleRow), NEW_CANDLES, CHANGED_CANDLES);
    const { symbol, interval } = candles[0]!;
    const excess = count(connection, `candles ${symbol} ${interval}`, added) - retention.candlesMax;
    trim(connection, {
      table: 'market_data',
      key: { symbol, interval },
      name: `candles ${symbol} ${interval}`,
      excess,
    });
  }
  for (const points of groupBy(changes.equity, (point) => point.accountId)) {
    applyPoints(connection, points, retention);
  }
  if (changes.signals.length === 0) return;
  const added = insertMany(connection, SIGNALS, changes.signals.map(signalRow));
  trimSignals(connection, count(connection, SIGNAL_SERIES, added) - retention.signalsMax);
}

/** Points of one account. */
function applyPoints(connection: Connection, points: readonly StoredEquityPoint[], retention: Retention): void {
  const { accountId } = points[0]!;
  const newest = connection.get('SELECT max(time) FROM equity WHERE account_id = ?', [
    accountId,
  ])?.[0] as Instant | null;
  let added = addNew(connection, points.map(pointRow), NEW_POINTS, CHANGED_POINTS);
  const times = points.map(({ time }) => time);
  for (const due of dueThinning(newest, times)) added -= removeSuperfluous(connection, accountId, due);
  const name = `equity ${accountId}`;
  const excess = count(connection, name, added) - retention.equityPointsMax;
  trim(connection, { table: 'equity', key: { account_id: accountId }, name, excess });
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): readonly T[][] {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return [...groups.values()];
}

/** Inserts rows, then changes those that were there; returns how many were not. */
function addNew(connection: Connection, rows: SqlValue[][], fresh: Target, changed: Target): number {
  const added = insertMany(connection, fresh, rows);
  if (added < rows.length) insertMany(connection, changed, rows);
  return added;
}

/** Adds to the number of rows of a series and returns it. */
function count(connection: Connection, name: string, added: number): number {
  if (added !== 0) {
    const sql = `INSERT INTO series (name, rows) VALUES (?, ?)
      ON CONFLICT (name) DO UPDATE SET rows = rows + excluded.rows`;
    connection.run(sql, [name, added]);
  }
  return (connection.get('SELECT rows FROM series WHERE name = ?', [name])?.[0] as number | undefined) ?? 0;
}

interface Excess {
  readonly table: 'market_data' | 'equity';
  readonly key: Readonly<Record<string, string>>;
  readonly name: string;
  readonly excess: number;
}

/** Removes the oldest rows of one series. */
function trim(connection: Connection, { table, key, name, excess }: Excess): void {
  if (excess <= 0) return;
  const where = Object.keys(key)
    .map((column) => `${column} = ?`)
    .join(' AND ');
  const values = Object.values(key);
  const newest = `SELECT time FROM ${table} WHERE ${where} ORDER BY time LIMIT 1 OFFSET ?`;
  const step = Math.min(excess, TRIM_ROWS_MAX);
  const sql = `DELETE FROM ${table} WHERE ${where} AND time <= (${newest})`;
  const removed = connection.run(sql, [...values, ...values, step - 1]);
  connection.run('UPDATE series SET rows = rows - ? WHERE name = ?', [removed, name]);
}

const SIGNAL_SERIES = 'signals';

/** Removes the oldest signals; those that a decision names stay, and are not looked at again. */
function trimSignals(connection: Connection, excess: number): void {
  if (excess <= 0) return;
  const floor = connection.get('SELECT floor_time, floor_id FROM series WHERE name = ?', [SIGNAL_SERIES])!;
  const beyond = 'SELECT time, id FROM ml_signals WHERE (time, id) > (?, ?) ORDER BY time, id LIMIT 1 OFFSET ?';
  const last = connection.get(beyond, [floor[0]!, floor[1]!, Math.min(excess, TRIM_ROWS_MAX) - 1]);
  if (!last) return;
  const [time, id] = last as readonly [number, string];
  connection.run(
    `DELETE FROM ml_signals WHERE (time, id) > (?, ?) AND (time, id) <= (?, ?)
       AND NOT EXISTS (SELECT 1 FROM decisions WHERE decisions.signal_id = ml_signals.id)`,
    [floor[0]!, floor[1]!, time, id],
  );
  connection.run('UPDATE series SET rows = rows - ?, floor_time = ?, floor_id = ? WHERE name = ?', [
    Math.min(excess, TRIM_ROWS_MAX),
    time,
    id,
    SIGNAL_SERIES,
  ]);
}
