/** One partition in memory. */
import type { Instant } from '@kairos/schema';
import type { BusRecord, TopicPartition } from '../bus.js';
import type { Slice } from '../common/backend.js';
import type { Retention } from '../common/limits.js';
import { trimStep } from '../common/limits.js';
import type { PlacedRecord } from '../common/placement.js';

export interface MemoryLog {
  readonly earliest: number;
  readonly next: number;
  /** Offsets of the records, in order. */
  append(records: readonly PlacedRecord[], timestamp: Instant): number[];
  read(from: number, recordsMax: number): Slice;
}

export function createMemoryLog(at: TopicPartition, retention: Retention): MemoryLog {
  let earliest = 0;
  let records: BusRecord[] = [];

  function trim(appended: number, now: Instant): void {
    const keptMin = records.length - trimStep(appended);
    const isBeyond = (record: BusRecord, index: number) =>
      records.length - index > retention.recordsMax || record.timestamp < now - retention.ageMsMax;
    const kept = records.findIndex(
      (record, index) => records.length - index <= Math.max(1, keptMin) || !isBeyond(record, index),
    );
    if (kept <= 0) return;
    records = records.slice(kept);
    earliest += kept;
  }

  return {
    get earliest() {
      return earliest;
    },
    get next() {
      return earliest + records.length;
    },
    append(placed, timestamp) {
      const offsets = placed.map(({ key, value }) => {
        const offset = earliest + records.length;
        records.push({ ...at, offset, timestamp, key, value: value.slice() });
        return offset;
      });
      trim(placed.length, timestamp);
      return offsets;
    },
    read(from, recordsMax) {
      const start = from < earliest || from > earliest + records.length ? earliest : from;
      const found = records.slice(start - earliest, start - earliest + recordsMax);
      return { from: start, records: found.map((record) => ({ ...record, value: record.value.slice() })) };
    },
  };
}
