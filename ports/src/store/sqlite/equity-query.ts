/**
 * The equity curve of an account: thinned in SQL when it is asked for, so that a long curve never leaves the file as a
 * whole, and thinned with age where it is stored.
 */
import type { Instant } from '@kairos/schema';
import { dayEndOf, parseMoney } from '@kairos/schema';
import type { ClosingEquityQuery, EquityQuery, StoredEquityPoint } from '../read-models.js';
import type { DueThinning } from '../thinning.js';
import { stretchesFor, stretchStart, superfluous } from '../thinning.js';
import type { Connection, SqlRow } from './connection.js';

const COLUMNS = 'time, equity, balance';
const WITHIN = 'FROM equity WHERE account_id = ? AND time >= ? AND time <= ?';

const pointsOf =
  (accountId: string) =>
  ([time, equity, balance]: SqlRow): StoredEquityPoint => ({
    accountId,
    time: time as Instant,
    equity: parseMoney(equity),
    balance: parseMoney(balance),
  });

/** At most `pointsMax` points in order of time. */
export function equityPoints(connection: Connection, query: EquityQuery): readonly StoredEquityPoint[] {
  const { accountId, from = 0, to = Number.MAX_SAFE_INTEGER, pointsMax } = query;
  const pointOf = pointsOf(accountId);
  const range = [accountId, from, to];
  const all = connection.all(`SELECT ${COLUMNS} ${WITHIN} ORDER BY time LIMIT ?`, [...range, pointsMax + 1]);
  if (all.length <= pointsMax) return all.map(pointOf);

  const first = all[0]!;
  const last = connection.get(`SELECT ${COLUMNS} ${WITHIN} ORDER BY time DESC LIMIT 1`, range)!;
  const ends = { first: first[0] as number, last: last[0] as number };
  const extremes = extremesOf(connection, accountId, { ...ends, stretches: stretchesFor(pointsMax) });
  const byTime = new Map([first, ...extremes, last].map((row) => [row[0] as number, row]));
  return [...byTime.keys()].sort((a, b) => a - b).map((time) => pointOf(byTime.get(time)!));
}

/** The newest point of each day: two steps down the index per day, whatever lies between. */
export function closingPoints(connection: Connection, query: ClosingEquityQuery): readonly StoredEquityPoint[] {
  const { accountId, after = -1, to = Number.MAX_SAFE_INTEGER, daysMax } = query;
  const rows: SqlRow[] = [];
  for (let from = after + 1; rows.length < daysMax;) {
    const next = connection.get(`SELECT time ${WITHIN} ORDER BY time LIMIT 1`, [accountId, from, to]);
    if (!next) break;
    const end = dayEndOf(next[0] as Instant);
    const range = [accountId, from, Math.min(end, to)];
    rows.push(connection.get(`SELECT ${COLUMNS} ${WITHIN} ORDER BY time DESC LIMIT 1`, range)!);
    from = end + 1;
  }
  return rows.map(pointsOf(accountId));
}

/** A stretch with no more points than its two ends keeps them all. */
const POINTS_ALWAYS_KEPT = 2;

/** Removes points that age has made superfluous. Returns how many. */
export function removeSuperfluous(
  connection: Connection,
  accountId: string,
  { after, through, stretchMs }: DueThinning,
): number {
  const range = [accountId, after + 1, through];
  // A candle a minute leaves nothing to do for minutes: told by counting, without reading equity.
  // The length stands in the text: a bound number is a float to SQLite, and would divide as one.
  const stretch = `(time + ${stretchMs - 1}) / ${stretchMs}`;
  const crowded = `SELECT 1 ${WITHIN} GROUP BY ${stretch} HAVING count(*) > ${POINTS_ALWAYS_KEPT} LIMIT 1`;
  if (!connection.get(crowded, range)) return 0;
  const rows = connection.all(`SELECT ${COLUMNS} ${WITHIN} ORDER BY time`, range);
  const times = superfluous(rows.map(pointsOf(accountId)), stretchMs).map(({ time }) => time);
  if (times.length === 0) return 0;
  const sql = 'DELETE FROM equity WHERE account_id = ? AND time IN (SELECT value FROM json_each(?))';
  return connection.run(sql, [accountId, JSON.stringify(times)]);
}

interface Stretches {
  readonly first: number;
  readonly last: number;
  readonly stretches: number;
}

/** The lowest and highest point of each stretch: SQLite answers the row that its min or max stands in. */
function extremesOf(connection: Connection, accountId: string, { first, last, stretches }: Stretches): SqlRow[] {
  const rows: SqlRow[] = [];
  for (let stretch = 0; stretch < stretches; stretch++) {
    const start = stretchStart(stretch, first, last, stretches);
    const end = stretchStart(stretch + 1, first, last, stretches) - 1;
    for (const extreme of ['min', 'max']) {
      const row = connection.get(`SELECT ${COLUMNS}, ${extreme}(value) ${WITHIN}`, [accountId, start, end])!;
      if (row[0] !== null) rows.push(row);
    }
  }
  return rows;
}
