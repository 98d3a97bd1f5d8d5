/** Records in the file: append, read, ends, retention. */
import type { Instant, Topic } from '@kairos/schema';
import type { BusRecord, PartitionOffsets, TopicPartition } from '../bus.js';
import type { Slice } from '../common/backend.js';
import type { RetentionByTopic } from '../common/limits.js';
import { POLL_BYTES_MAX, trimStep } from '../common/limits.js';
import { PARTITIONS_MAX } from '../common/partition-count.js';
import type { PlacedRecord } from '../common/placement.js';
import type { Database, Row, SqlValue, Statement } from './database.js';
import { checksum, corruptRecord, keyBytes, readRow } from './record-row.js';

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

export function createRecords(
  database: Database,
  topicIds: ReadonlyMap<Topic, number>,
  retention: RetentionByTopic,
): Records {
  const insertChunk = database.prepare(CHUNK_SQL(CHUNK));
  const insertOne = database.prepare(CHUNK_SQL(1));
  const select = database.prepare(
    `SELECT id, CAST(timestamp AS INTEGER), CAST(key AS BLOB), CAST(value AS BLOB), CAST(crc AS INTEGER)
     FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?`,
  );
  const trim = createTrim(database, retention);
  const ends = createEnds(database);

  const baseOf = ({ topic, partition }: TopicPartition): number =>
    (topicIds.get(topic)! * PARTITIONS_MAX + partition) * OFFSETS_MAX;

  function append(topic: Topic, records: readonly PlacedRecord[], now: Instant): readonly number[] {
    const nextOf = new Map<number, number>();
    const added = new Map<number, number>();
    const rows: SqlValue[][] = [];
    const offsets = records.map(({ partition, key, value }) => {
      const base = baseOf({ topic, partition });
      const offset = nextOf.get(partition) ?? ends(base).next;
      const bytes = keyBytes(key);
      const crc = checksum({ topic, partition, offset, timestamp: now, key: bytes, value });
      rows.push([base + offset, now, bytes, value, crc]);
      nextOf.set(partition, offset + 1);
      added.set(partition, (added.get(partition) ?? 0) + 1);
      return offset;
    });
    insertAll({ chunk: insertChunk, one: insertOne }, rows);
    for (const [partition, count] of added) trim({ topic, base: baseOf({ topic, partition }), added: count, now });
    return offsets;
  }

  /** Where reading goes on when there is nothing at the wanted offset, or something else before it. */
  function settle(at: TopicPartition, from: number, found: number | null): number {
    const { earliest, next } = ends(baseOf(at));
    if (found === null) return from <= next ? from : earliest;
    if (found === earliest) return found;
    throw corruptRecord({ ...at, offset: from }, 'it is missing');
  }

  function read(at: TopicPartition, from: number, recordsMax: number): Slice {
    const base = baseOf(at);
    const records: BusRecord[] = [];
    let bytes = 0;
    let start = from;
    while (records.length < recordsMax && bytes < POLL_BYTES_MAX) {
      const wanted = start + records.length;
      const limit = Math.min(READ_CHUNK, recordsMax - records.length);
      const rows = select.all([base + wanted, base + OFFSETS_MAX, limit]);
      const found = rows.length === 0 ? null : (rows[0]![0] as number) - base;
      if (records.length === 0 && found !== from) {
        start = settle(at, from, found);
        if (start < from) return { from: start, records };
      }
      const good = goodPrefix({ at, base, from: start + records.length, isFirst: records.length === 0 }, rows);
      records.push(...good);
      for (const record of good) bytes += record.value.length;
      if (good.length < limit) break;
    }
    return { from: start, records };
  }

  return {
    append,
    read,
    ends: ({ topic, partition }) => ({ topic, partition, ...ends(baseOf({ topic, partition })) }),
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

function createEnds(database: Database) {
  const first = database.prepare('SELECT MIN(id) FROM records WHERE id >= ? AND id < ?');
  const last = database.prepare('SELECT MAX(id) FROM records WHERE id >= ? AND id < ?');
  return (base: number): { earliest: number; next: number } => {
    const range = [base, base + OFFSETS_MAX];
    const max = last.all(range)[0]![0];
    if (typeof max !== 'number') return { earliest: 0, next: 0 };
    return { earliest: (first.all(range)[0]![0] as number) - base, next: max + 1 - base };
  };
}

/** Removes some of what is too many or too old from the front of a partition; its newest record always stays. */
function createTrim(database: Database, retention: RetentionByTopic) {
  const ends = createEnds(database);
  const young = database.prepare(
    'SELECT id FROM records WHERE id >= ? AND id < ? AND timestamp >= ? ORDER BY id LIMIT 1',
  );
  const remove = database.prepare('DELETE FROM records WHERE id >= ? AND id < ?');

  return (of: {
    readonly topic: Topic;
    readonly base: number;
    readonly added: number;
    readonly now: Instant;
  }): void => {
    const { recordsMax, ageMsMax } = retention[of.topic];
    const { earliest, next } = ends(of.base);
    const limit = Math.min(earliest + trimStep(of.added), next - 1);
    const tooMany = next - recordsMax;
    const from = Math.max(earliest, Math.min(tooMany, limit));
    const firstYoung = young.all([of.base + from, of.base + limit, of.now - ageMsMax])[0]?.[0];
    const kept = typeof firstYoung === 'number' ? firstYoung - of.base : limit;
    if (kept > earliest) remove.run([of.base + earliest, of.base + kept]);
  };
}
