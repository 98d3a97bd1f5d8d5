/** How many rows a series has: counted by who adds them, and looked up now and then, as others may add some too. */
import { TRIM_ROWS_MAX } from '../retention.js';
import type { Table } from './tables.js';

/** Rows added after which the database is asked again. */
const RECOUNT_ROWS = 20_000;
/** Rows that a process adds before it looks for the first time. */
const FIRST_LOOK_ROWS = 50;

export interface RowCount {
  add(rows: number): void;
  /**
   * How many rows there are too many, as far as it is known; 0 while nobody has looked yet because little was added.
   *
   * @param lookUp Counts the rows in the database, up to a maximum.
   */
  excess(lookUp: (max: number) => Promise<number>): Promise<number>;
}

export function createCount(max: number): RowCount {
  const lookAfter = Math.min(FIRST_LOOK_ROWS, max);
  let added = 0;
  let known: number | null = null;
  return {
    add(rows) {
      if (rows > 0) added += rows;
      if (known !== null) known += rows;
    },
    async excess(lookUp) {
      if (added < lookAfter) return 0;
      if (known === null || added >= RECOUNT_ROWS) {
        known = await lookUp(max + RECOUNT_ROWS);
        added = lookAfter;
      }
      return Math.max(0, known - max);
    },
  };
}

export interface Trimmed {
  readonly table: Table;
  /** What the rows of the series have in common. */
  readonly key: Readonly<Record<string, string>>;
  readonly count: RowCount;
}

/** Removes the oldest rows of one series beyond its limit, TRIM_ROWS_MAX at most. */
export async function trimOldest({ table, key, count }: Trimmed): Promise<void> {
  const excess = await count.excess((max) => table.count({ filter: key }, max));
  if (excess <= 0) return;
  const skip = Math.min(excess, TRIM_ROWS_MAX) - 1;
  const last = await table.findOne({ filter: key, sort: { time: 1 }, skip, projection: { time: 1 } });
  if (last) count.add(-(await table.deleteMany({ ...key, time: { $lte: last['time'] } })));
}
