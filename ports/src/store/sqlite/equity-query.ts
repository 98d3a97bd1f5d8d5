/** The equity curve of an account, thinned in SQL: a long curve never leaves the file as a whole. */
import type { Instant } from '@kairos/schema';
import { parseMoney } from '@kairos/schema';
import type { EquityQuery, StoredEquityPoint } from '../read-models.js';
import { stretchesFor, stretchStart } from '../thinning.js';
import type { Connection, SqlRow } from './connection.js';

const COLUMNS = 'time, equity, balance';
const WITHIN = 'FROM equity WHERE account_id = ? AND time >= ? AND time <= ?';

/** At most `pointsMax` points in order of time. */
export function equityPoints(connection: Connection, query: EquityQuery): readonly StoredEquityPoint[] {
  const { accountId, from = 0, to = Number.MAX_SAFE_INTEGER, pointsMax } = query;
  const pointOf = ([time, equity, balance]: SqlRow): StoredEquityPoint => ({
    accountId,
    time: time as Instant,
    equity: parseMoney(equity),
    balance: parseMoney(balance),
  });
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
