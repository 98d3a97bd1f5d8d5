/** Keeps a collection that grows with every call near its limit: looked at once in a while, the oldest removed. */
import { TRIM_ROWS_MAX } from '../retention.js';
import type { Table } from './tables.js';

export interface TrimmerOptions {
  readonly table: Table;
  /** The field that tells the oldest. */
  readonly timeField: string;
  readonly max: number;
  /** Which documents may go. */
  readonly filter: Readonly<Record<string, unknown>>;
}

/** To be called after each insert: it looks the first time, and every TRIM_ROWS_MAX calls. */
export function createTrimmer({ table, timeField, max, filter }: TrimmerOptions): () => Promise<void> {
  let calls = -1;
  return async () => {
    calls += 1;
    if (calls % TRIM_ROWS_MAX !== 0) return;
    const excess = (await table.count({ filter: {} }, max + 2 * TRIM_ROWS_MAX)) - max;
    if (excess <= 0) return;
    const projection = { _id: 1 };
    const oldest = await table.find({ filter: {}, sort: { [timeField]: 1 }, limit: excess, projection });
    await table.deleteMany({ ...filter, _id: { $in: oldest.map(({ _id }) => _id) } });
  };
}
