/** A record as it lies in the file, with the checksum that proves it. */
import type { Instant } from '@kairos/schema';
import { crc32c } from '../../crc32c.js';
import { PortError } from '../../errors.js';
import type { BusRecord } from '../bus.js';
import type { Row } from './database.js';

/** Key as bytes; null = no key. */
export const keyBytes = (key: string | null): Uint8Array | null => (key === null ? null : Buffer.from(key, 'utf8'));

/** CRC-32C over where the record stands, its time, key and value. */
export function checksum(record: Omit<BusRecord, 'key'> & { readonly key: Uint8Array | null }): number {
  const { topic, partition, offset, timestamp, key, value } = record;
  const head = crc32c(Buffer.from(`${topic}/${partition}/${offset}/${timestamp}/${key?.length ?? 'none'}/`, 'latin1'));
  return crc32c(value, key === null ? head : crc32c(key, head));
}

/**
 * Reads the row of a record: timestamp, key, value, crc.
 * @throws PortError CORRUPT that names topic, partition and offset.
 */
export function readRow(at: Pick<BusRecord, 'topic' | 'partition' | 'offset'>, row: Row): BusRecord {
  const [timestamp, key, value, crc] = row;
  if (typeof timestamp === 'number' && value instanceof Uint8Array && (key === null || key instanceof Uint8Array)) {
    const plain = new Uint8Array(value.buffer, value.byteOffset, value.length);
    const record = { ...at, timestamp: timestamp as Instant, key, value: plain };
    if (checksum(record) === crc) return { ...record, key: key === null ? null : Buffer.from(key).toString('utf8') };
  }
  throw corruptRecord(at, 'its checksum does not match');
}

export function corruptRecord(at: Pick<BusRecord, 'topic' | 'partition' | 'offset'>, found: string): PortError {
  return new PortError(
    'CORRUPT',
    `expected record ${at.topic}/${at.partition}/${at.offset} as it was written, found that ${found}: ` +
      'restore the bus file from a backup, or move it away',
  );
}
