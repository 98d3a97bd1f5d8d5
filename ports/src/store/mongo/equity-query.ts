/** The equity curve of an account, thinned by the server: a long curve never leaves the database as a whole. */
import { DAY_MS } from '@kairos/schema';
import type { ClosingEquityQuery, EquityQuery, StoredEquityPoint } from '../read-models.js';
import { stretchesFor } from '../thinning.js';
import type { StoredDocument } from './documents.js';
import { pointBson } from './documents.js';
import { dateValue, textValue } from './filters.js';
import type { Table } from './tables.js';

const INDEX = 'equity_of_account';
const FIELDS = { _id: 0, accountId: 1, time: 1, equity: 1, balance: 1 };

/** At most `pointsMax` points in order of time. */
export async function equityPoints(table: Table, query: EquityQuery): Promise<readonly StoredEquityPoint[]> {
  const { accountId, from = -Infinity, to = Infinity, pointsMax } = query;
  const filter = { accountId: textValue(accountId), time: { $gte: bound(from), $lte: bound(to) } };
  const spec = { filter, projection: FIELDS, hint: INDEX };
  const all = await table.find({ ...spec, sort: { time: 1 }, limit: pointsMax + 1 });
  if (all.length <= pointsMax) return all.map(pointBson.read);

  const newest = await table.findOne({ ...spec, sort: { time: -1 } });
  const first = pointBson.read(all[0]!);
  const last = pointBson.read(newest ?? all.at(-1)!);
  const extremes = await extremesOf(table, filter, { first: first.time, last: last.time, pointsMax });
  const byTime = new Map([first, ...extremes, last].map((point) => [point.time as number, point]));
  return [...byTime.values()].sort((a, b) => a.time - b.time);
}

/** The newest point of each day; a point at 24:00 counts to the day that it ends. */
export async function closingPoints(table: Table, query: ClosingEquityQuery): Promise<readonly StoredEquityPoint[]> {
  const { accountId, after = -Infinity, to = Infinity, daysMax } = query;
  const filter = { accountId: textValue(accountId), time: { $gt: bound(after), $lte: bound(to) } };
  const day = { $ceil: { $divide: [{ $toLong: '$time' }, DAY_MS] } };
  const point = { time: '$time', equity: '$equity', balance: '$balance', accountId: '$accountId' };
  const stages = [
    { $match: filter },
    { $group: { _id: day, newest: { $max: point } } },
    { $sort: { _id: 1 } },
    { $limit: daysMax },
  ];
  return (await table.aggregate(stages, INDEX)).map(({ newest }) => pointBson.read(newest));
}

const bound = (time: number): Date =>
  dateValue(Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, time)));

interface Ends {
  readonly first: number;
  readonly last: number;
  readonly pointsMax: number;
}

/** The lowest and highest point of each stretch of time: documents compare by their fields in order, equity first. */
async function extremesOf(
  table: Table,
  filter: object,
  { first, last, pointsMax }: Ends,
): Promise<readonly StoredEquityPoint[]> {
  const stretches = stretchesFor(pointsMax);
  if (stretches === 0) return [];
  const sinceFirst = { $subtract: ['$time', dateValue(first)] };
  const stretch = { $floor: { $divide: [{ $multiply: [sinceFirst, stretches] }, last - first + 1] } };
  const point = { equity: '$equity', time: '$time', balance: '$balance', accountId: '$accountId' };
  const found = await table.aggregate(
    [{ $match: filter }, { $group: { _id: stretch, lowest: { $min: point }, highest: { $max: point } } }],
    INDEX,
  );
  return found.flatMap(({ lowest, highest }) =>
    [lowest, highest].map((each) => pointBson.read(each as StoredDocument)),
  );
}
