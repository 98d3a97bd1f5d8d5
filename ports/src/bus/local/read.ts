/** Reads records from the file: in order, without a gap, each as it was written, or not at all. */
import type { BusRecord, TopicPartition } from '../bus.js';
import type { Slice } from '../common/backend.js';
import { POLL_BYTES_MAX } from '../common/limits.js';
import type { Database, Row } from './database.js';
import type { EndsTable } from './ends.js';
import { corruptRecord, readRow } from './record-row.js';
import { endOf, idOf, slotOf } from './slots.js';

/** Records that one SELECT brings, so that large ones do not pile up beyond POLL_BYTES_MAX. */
const CHUNK = 250;

/** To be called within a snapshot. @throws PortError CORRUPT when the first record is missing or damaged. */
export type Read = (at: TopicPartition, from: number, recordsMax: number) => Slice;

export function createRead({ database, ends }: { readonly database: Database; readonly ends: EndsTable }): Read {
  const select = database.prepare(
    `SELECT id, CAST(timestamp AS INTEGER), CAST(key AS BLOB), CAST(value AS BLOB), CAST(crc AS INTEGER)
     FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?`,
  );

  /** Where reading goes on when the first record found is not the wanted one. */
  function settle(at: TopicPartition, from: number): number {
    const { earliest, next } = ends.load(slotOf(at));
    if (from === next) return from;
    if (from < earliest || from > next) return earliest;
    throw corruptRecord({ ...at, offset: from }, 'it is missing');
  }

  function read(at: TopicPartition, from: number, recordsMax: number): Slice {
    const slot = slotOf(at);
    const records: BusRecord[] = [];
    let bytes = 0;
    while (records.length < recordsMax && bytes < POLL_BYTES_MAX) {
      const wanted = from + records.length;
      const limit = Math.min(CHUNK, recordsMax - records.length);
      const rows = select.all([idOf(slot, wanted), endOf(slot), limit]);
      if (records.length === 0 && rows[0]?.[0] !== idOf(slot, from)) {
        const start = settle(at, from);
        return start === from ? { from, records } : { ...read(at, start, recordsMax), from: start };
      }
      const good = goodPrefix({ at, from: wanted, isFirst: records.length === 0 }, rows);
      records.push(...good);
      for (const record of good) bytes += record.value.length;
      if (good.length < limit) break;
    }
    return { from, records };
  }

  return read;
}

interface Stretch {
  readonly at: TopicPartition;
  readonly from: number;
  readonly isFirst: boolean;
}

/** The rows that follow on without a gap and are as written. @throws PortError CORRUPT when the very first is not. */
function goodPrefix({ at, from, isFirst }: Stretch, rows: readonly Row[]): BusRecord[] {
  const slot = slotOf(at);
  const good: BusRecord[] = [];
  for (const [id, ...row] of rows) {
    const offset = from + good.length;
    try {
      if (id !== idOf(slot, offset)) throw corruptRecord({ ...at, offset }, 'it is missing');
      good.push(readRow({ ...at, offset }, row));
    } catch (error) {
      // What lies before the damage is given first: the next reading begins with it, and is refused.
      if (isFirst && good.length === 0) throw error;
      break;
    }
  }
  return good;
}
