/** Records in the file: append, read, ends, retention. */
import type { Instant, Topic } from '@kairos/schema';
import type { BusRecord, PartitionOffsets, TopicPartition } from '../bus.js';
import type { Slice } from '../common/backend.js';
import type { RetentionByTopic } from '../common/limits.js';
import { POLL_BYTES_MAX, trimStep } from '../common/limits.js';
import { PARTITIONS_MAX } from '../common/partition-count.js';
import type { PlacedRecord } from '../common/placement.js';
import type { Database, Row, SqlValue, Statement } from './database.js';
import type { Ends } from './ends.js';
import { createEnds } from './ends.js';
import { checksum, corruptRecord, keyBytes, readRow } from './record-row.js';

/** Part of the file's layout: a topic keeps its number. */
const TOPIC_NUMBERS: Readonly<Record<Topic, number>> = {
  'crypto.market_data': 0,
  'crypto.ml_signals': 1,
  'crypto.commands': 2,
  'crypto.trades': 3,
  'crypto.dead_letter': 4,
  'crypto.health': 5,
};
/** Offsets per partition; slot * OFFSETS_MAX + offset stays below 2^53. */
const OFFSETS_MAX = 2 ** 40;
/** Records that one INSERT carries. */
const CHUNK = 16;
const CHUNK_SQL = (rows: number): string =>
  `INSERT INTO records (id, timestamp, key, value, crc) VALUES ${Array(rows).fill('(?, ?, ?, ?, ?)').join(', ')}`;
/** Records that one SELECT brings, so that large ones do not pile up beyond POLL_BYTES_MAX. */
const READ_CHUNK = 250;

export interface Records {
  /** To be called within a write. Offsets in the order of the records. */
  append(topic: Topic, records: readonly PlacedRecord[], now: Instant): readonly number[];
  /** To be called within a snapshot. */
  read(at: TopicPartition, from: number, recordsMax: number): Slice;
  ends(at: TopicPartition): PartitionOffsets;
}

export function createRecords(database: Database, retention: RetentionByTopic): Records {
  const insertChunk = database.prepare(CHUNK_SQL(CHUNK));
  const insertOne = database.prepare(CHUNK_SQL(1));
  const select = database.prepare(
    `SELECT id, CAST(timestamp AS INTEGER), CAST(key AS BLOB), CAST(value AS BLOB), CAST(crc AS INTEGER)
     FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?`,
  );
  const trim = createTrim(database, retention);
  const ends = createEnds(database);

  const slotOf = ({ topic, partition }: TopicPartition): number => TOPIC_NUMBERS[topic] * PARTITIONS_MAX + partition;

  function append(topic: Topic, records: readonly PlacedRecord[], now: Instant): readonly number[] {
    const before = new Map<number, Ends>();
    const nextOf = new Map<number, number>();
    const rows: SqlValue[][] = [];
    const offsets = records.map(({ partition, key, value }) => {
      const slot = slotOf({ topic, partition });
      if (!before.has(slot)) before.set(slot, ends.load(slot));
      const offset = nextOf.get(slot) ?? before.get(slot)!.next;
      const bytes = keyBytes(key);
      const crc = checksum({ topic, partition, offset, timestamp: now, key: bytes, value });
      rows.push([slot * OFFSETS_MAX + offset, now, bytes, value, crc]);
      nextOf.set(slot, offset + 1);
      return offset;
    });
    insertAll({ chunk: insertChunk, one: insertOne }, rows);
    for (const [slot, next] of nextOf) {
      const { earliest } = before.get(slot)!;
      const added = next - before.get(slot)!.next;
      ends.save(slot, { earliest: trim({ topic, base: slot * OFFSETS_MAX, earliest, next, added, now }), next });
    }
    return offsets;
  }

  /** Where reading goes on when the first record found is not the wanted one. */
  function settle(at: TopicPartition, from: number): number {
    const { earliest, next } = ends.load(slotOf(at));
    if (from === next) return from;
    if (from < earliest || from > next) return earliest;
    throw corruptRecord({ ...at, offset: from }, 'it is missing');
  }

  function read(at: TopicPartition, from: number, recordsMax: number): Slice {
    const base = slotOf(at) * OFFSETS_MAX;
    const records: BusRecord[] = [];
    let bytes = 0;
    while (records.length < recordsMax && bytes < POLL_BYTES_MAX) {
      const wanted = from + records.length;
      const limit = Math.min(READ_CHUNK, recordsMax - records.length);
      const rows = select.all([base + wanted, base + OFFSETS_MAX, limit]);
      if (records.length === 0 && rows[0]?.[0] !== base + from) {
        const start = settle(at, from);
        return start === from ? { from, records } : { ...read(at, start, recordsMax), from: start };
      }
      const good = goodPrefix({ at, base, from: wanted, isFirst: records.length === 0 }, rows);
      records.push(...good);
      for (const record of good) bytes += record.value.length;
      if (good.length < limit) break;
    }
    return { from, records };
  }

  return {
    append,
    read,
    ends: (at) => ({ topic: at.topic, partition: at.partition, ...ends.load(slotOf(at)) }),
  };
}

function insertAll(into: { readonly chunk: Statement; readonly one: Statement }, rows: readonly SqlValue[][]): void {
  const whole = rows.length - (rows.length % CHUNK);
  for (let at = 0; at < whole; at += CHUNK) into.chunk.run(rows.slice(at, at + CHUNK).flat());
  for (const row of rows.slice(whole)) into.one.run(row);
}

interface Stretch {
  readonly at: TopicPartition;
  readonly base: number;
  readonly from: number;
  readonly isFirst: boolean;
}

/** The rows that follow on without a gap and are as written. @throws PortError CORRUPT when the very first is not. */
function goodPrefix({ at, base, from, isFirst }: Stretch, rows: readonly Row[]): BusRecord[] {
  const good: BusRecord[] = [];
  for (const [id, ...row] of rows) {
    const offset = from + good.length;
    try {
      if (id !== base + offset) throw corruptRecord({ ...at, offset }, 'it is missing');
      good.push(readRow({ ...at, offset }, row));
    } catch (error) {
      if (isFirst && good.length === 0) throw error;
      break;
    }
  }
  return good;
}

interface Trimmed extends Ends {
  readonly topic: Topic;
  readonly base: number;
  readonly added: number;
  readonly now: Instant;
}

/**
 * Removes some of what is too many or too old from the front of a partition, and returns the earliest offset that is
 * left. The newest record always stays.
 */
function createTrim(database: Database, retention: RetentionByTopic): (of: Trimmed) => number {
  const young = database.prepare(
    'SELECT id FROM records WHERE id >= ? AND id < ? AND timestamp >= ? ORDER BY id LIMIT 1',
  );
  const remove = database.prepare('DELETE FROM records WHERE id >= ? AND id < ?');

  return ({ topic, base, earliest, next, added, now }) => {
    const { recordsMax, ageMsMax } = retention[topic];
    const limit = Math.min(earliest + trimStep(added), next - 1);
    const from = Math.max(earliest, Math.min(next - recordsMax, limit));
    const firstYoung = young.all([base + from, base + limit, now - ageMsMax])[0]?.[0];
    const kept = typeof firstYoung === 'number' ? firstYoung - base : limit;
    if (kept > earliest) remove.run([base + earliest, base + kept]);
    return kept;
  };
}
