/** Appends records to the file and trims what retention no longer keeps. */
import type { Instant, Topic } from '@kairos/schema';
import type { RetentionByTopic } from '../common/limits.js';
import { trimStep } from '../common/limits.js';
import type { PlacedRecord } from '../common/placement.js';
import type { Database, SqlValue } from './database.js';
import type { Ends, EndsTable } from './ends.js';
import { checksum, keyBytes } from './record-row.js';
import { idOf, slotOf } from './slots.js';

/** Records that one INSERT carries. */
const CHUNK = 16;

/** Offsets in the order of the records. To be called within a write. */
export type Append = (topic: Topic, records: readonly PlacedRecord[], now: Instant) => readonly number[];

export function createAppend(
  deps: { readonly database: Database; readonly ends: EndsTable },
  retention: RetentionByTopic,
): Append {
  const { database, ends } = deps;
  const insert = createInsert(database);
  const trim = createTrim(database, retention);

  return (topic, records, now) => {
    const before = new Map<number, Ends>();
    const nextOf = new Map<number, number>();
    const rows: SqlValue[][] = [];
    const offsets = records.map(({ partition, key, value }) => {
      const slot = slotOf({ topic, partition });
      if (!before.has(slot)) before.set(slot, ends.load(slot));
      const offset = nextOf.get(slot) ?? before.get(slot)!.next;
      const bytes = keyBytes(key);
      const crc = checksum({ topic, partition, offset, timestamp: now, key: bytes, value });
      rows.push([idOf(slot, offset), now, bytes, value, crc]);
      nextOf.set(slot, offset + 1);
      return offset;
    });
    insert(rows);
    for (const [slot, next] of nextOf) {
      const { earliest, next: firstAdded } = before.get(slot)!;
      ends.save(slot, { earliest: trim({ topic, slot, earliest, next, added: next - firstAdded, now }), next });
    }
    return offsets;
  };
}

function createInsert(database: Database): (rows: readonly SqlValue[][]) => void {
  const into = (count: number) =>
    database.prepare(
      `INSERT INTO records (id, timestamp, key, value, crc) VALUES ${Array(count).fill('(?, ?, ?, ?, ?)').join(', ')}`,
    );
  const chunk = into(CHUNK);
  const one = into(1);
  return (rows) => {
    const whole = rows.length - (rows.length % CHUNK);
    for (let at = 0; at < whole; at += CHUNK) chunk.run(rows.slice(at, at + CHUNK).flat());
    for (const row of rows.slice(whole)) one.run(row);
  };
}

interface Trimmed extends Ends {
  readonly topic: Topic;
  readonly slot: number;
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

  return ({ topic, slot, earliest, next, added, now }) => {
    const { recordsMax, ageMsMax } = retention[topic];
    const limit = Math.min(earliest + trimStep(added), next - 1);
    const from = Math.max(earliest, Math.min(next - recordsMax, limit));
    const firstYoung = young.all([idOf(slot, from), idOf(slot, limit), now - ageMsMax])[0]?.[0];
    const kept = typeof firstYoung === 'number' ? firstYoung - idOf(slot, 0) : limit;
    if (kept > earliest) remove.run([idOf(slot, earliest), idOf(slot, kept)]);
    return kept;
  };
}
