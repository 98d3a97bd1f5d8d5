/**
 * Equity points: the newest of those at one time stays, and with age they become fewer. Each says which entry it came
 * with, so that after a crash thinning goes on where it was.
 */
import type { Instant } from '@kairos/schema';
import type { Changes } from '../projection.js';
import type { StoredEquityPoint } from '../read-models.js';
import type { DueThinning } from '../thinning.js';
import { dueThinning, superfluous } from '../thinning.js';
import { dateOf } from './bson-codec.js';
import type { StoredDocument } from './documents.js';
import { pointBson } from './documents.js';
import { textValue } from './filters.js';
import type { RowCount } from './row-count.js';
import { trimOldest } from './row-count.js';
import type { Table, Write } from './tables.js';

/** Accounts whose points are looked at side by side. */
const ACCOUNTS_AT_ONCE = 8;

export interface Points {
  write(batch: readonly Changes[]): Promise<void>;
  trim(batch: readonly Changes[]): Promise<void>;
}

export function createPoints(table: Table, countOf: (accountId: string) => RowCount): Points {
  /** Per account the newest point that has been thinned after. */
  const newest = new Map<string, Instant | null>();

  const thin = async (accountId: string, times: readonly Instant[], firstEntry: number): Promise<void> => {
    const before = newest.get(accountId) ?? (await newestBefore(table, accountId, firstEntry));
    for (const due of dueThinning(before, times)) {
      countOf(accountId).add(-(await removeSuperfluous(table, accountId, due)));
    }
    newest.set(
      accountId,
      times.reduce((a, b) => (b > a ? b : a), before ?? times[0]!),
    );
  };

  return {
    async write(batch) {
      const documents = documentsOf(batch);
      const known = await table.insertNew([...documents.values()]);
      await table.write(known.map(replaceWrite));
      const isKnown = new Set(known.map(({ _id }) => _id));
      const points = pointsByAccount(batch);
      for (const point of [...points.values()].flat()) {
        if (documents.delete(pointId(point)) && !isKnown.has(pointId(point))) countOf(point.accountId).add(1);
      }
      const firstEntry = batch[0]!.progress.entry;
      await inGroups([...points], ([accountId, added]) =>
        thin(
          accountId,
          added.map(({ time }) => time),
          firstEntry,
        ),
      );
    },
    trim: (batch) =>
      inGroups([...pointsByAccount(batch).keys()], (accountId) =>
        trimOldest({ table, key: { accountId }, count: countOf(accountId) }),
      ),
  };
}

const pointId = ({ accountId, time }: StoredEquityPoint): string => `${accountId}:${time}`;

/** The last of the points at one time. */
function documentsOf(batch: readonly Changes[]): Map<string, StoredDocument> {
  const documents = new Map<string, StoredDocument>();
  for (const { equity, progress } of batch) {
    for (const point of equity) {
      documents.set(pointId(point), { _id: pointId(point), ...pointBson.write(point), entry: progress.entry });
    }
  }
  return documents;
}

function pointsByAccount(batch: readonly Changes[]): Map<string, StoredEquityPoint[]> {
  const accounts = new Map<string, StoredEquityPoint[]>();
  for (const point of batch.flatMap(({ equity }) => equity)) {
    const points = accounts.get(point.accountId);
    if (points) points.push(point);
    else accounts.set(point.accountId, [point]);
  }
  return accounts;
}

function replaceWrite({ _id, ...replacement }: StoredDocument): Write {
  return { replaceOne: { filter: { _id, entry: { $lte: replacement['entry'] } }, replacement } };
}

async function inGroups<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += ACCOUNTS_AT_ONCE) {
    await Promise.all(items.slice(at, at + ACCOUNTS_AT_ONCE).map(work));
  }
}

/** The newest point that came before an entry; null when there is none. */
async function newestBefore(table: Table, accountId: string, entry: number): Promise<Instant | null> {
  const filter = { accountId: textValue(accountId), entry: { $lt: entry } };
  const found = await table.findOne({ filter, sort: { time: -1 }, hint: 'equity_of_account' });
  return found && pointBson.read(found).time;
}

/** Removes points that age has made superfluous. Returns how many. */
async function removeSuperfluous(
  table: Table,
  accountId: string,
  { after, through, stretchMs }: DueThinning,
): Promise<number> {
  const filter = { accountId: textValue(accountId), time: { $gt: dateOf(after), $lte: dateOf(through) } };
  const found = await table.find({ filter, sort: { time: 1 }, hint: 'equity_of_account' });
  const going = superfluous(found.map(pointBson.read), stretchMs);
  return going.length === 0 ? 0 : table.deleteMany({ _id: { $in: going.map(pointId) } });
}
