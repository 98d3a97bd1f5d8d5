/**
 * Reads the batches of a partition as a broker sends them: checks each, unpacks gzip, leaves out what transactions
 * wrote that were given up, and control records.
 *
 * The end may be cut anywhere: an incomplete last batch is left for the next request.
 */
import { gunzipSync } from 'node:zlib';
import type { Instant } from '@kairos/schema';
import { crc32c } from '../../crc32c.js';
import { PortError } from '../../errors.js';
import type { BusRecord, TopicPartition } from '../bus.js';
import type { ByteReader } from './bytes.js';
import { createByteReader } from './bytes.js';
import { UNPACKED_BYTES_MAX } from './limits.js';

/** A transaction that was given up: what its producer wrote from this offset on, until the marker, does not count. */
export interface Aborted {
  readonly producerId: string;
  readonly firstOffset: number;
}

export interface Decoded {
  readonly records: readonly BusRecord[];
  /** Where to go on: behind the last batch that was whole. */
  readonly next: number;
  /** Why it is not further; the records before it are good. */
  readonly failure: PortError | null;
}

const FORMAT = 2;
const FORMAT_AT = 16;
const HEAD_BYTES = 12;
const CRC_FROM = 21;
const CODEC_MASK = 0x07;
const APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
/** Type of a control record, in its key: the transaction was given up. */
const ABORT = 0;

/** The records from offset `from` on. */
export function decodeBatches(at: TopicPartition, data: Buffer, from: number, aborted: readonly Aborted[]): Decoded {
  const records: BusRecord[] = [];
  const transactions = createTransactions(aborted);
  let next = from;
  for (let start = 0; start + HEAD_BYTES <= data.length;) {
    const length = data.readInt32BE(start + 8);
    if (start + HEAD_BYTES + length > data.length) break;
    const batch = data.subarray(start, start + HEAD_BYTES + length);
    const base = Number(batch.readBigInt64BE(0));
    try {
      next = Math.max(next, takeBatch({ at, from, transactions, into: records }, batch, base));
    } catch (error) {
      return { records, next, failure: explain(at, Math.max(base, next), error) };
    }
    start += batch.length;
  }
  return { records, next, failure: null };
}

interface Taking {
  readonly at: TopicPartition;
  readonly from: number;
  readonly transactions: Transactions;
  readonly into: BusRecord[];
}

/** Takes one batch; the offset behind it. */
function takeBatch(taking: Taking, batch: Buffer, base: number): number {
  if (batch.length <= FORMAT_AT || batch[FORMAT_AT] !== FORMAT) {
    throw new PortError('INVALID', `expected record format ${FORMAT} (Kafka 0.11 or newer), found ${batch[FORMAT_AT]}`);
  }
  const reader = createByteReader(batch);
  reader.bytes(CRC_FROM - 4);
  const crc = reader.uint32();
  if (crc32c(batch.subarray(CRC_FROM)) !== crc) throw new PortError('CORRUPT', 'its checksum is wrong');
  const attributes = reader.int16();
  const next = base + reader.int32() + 1;
  const first = reader.int64();
  const newest = reader.int64();
  const producerId = reader.int64Text();
  reader.bytes(6);
  const count = reader.int32();
  const body = unpack(reader, attributes & CODEC_MASK);
  if (attributes & CONTROL) {
    taking.transactions.mark(producerId, body);
    return next;
  }
  const isLost = taking.transactions.isLost(producerId, base) && (attributes & TRANSACTIONAL) !== 0;
  if (isLost) return next;
  const timeOf = (delta: number): number => ((attributes & APPEND_TIME) !== 0 ? newest : first + delta);
  const records: BusRecord[] = [];
  for (let index = 0; index < count; index++) records.push(takeRecord(taking.at, body, base, timeOf));
  for (const record of records) if (record.offset >= taking.from) taking.into.push(record);
  return next;
}

function unpack(reader: ByteReader, codec: number): ByteReader {
  if (codec === 0) return reader;
  if (codec !== 1) {
    const name = CODECS[codec] ?? `number ${codec}`;
    throw new PortError(
      'INVALID',
      `expected records that are not compressed, or with gzip, found ${name}: change its producer`,
    );
  }
  return createByteReader(gunzipSync(reader.bytes(reader.left), { maxOutputLength: UNPACKED_BYTES_MAX }));
}

function takeRecord(at: TopicPartition, body: ByteReader, base: number, timeOf: (delta: number) => number): BusRecord {
  const end = body.varint();
  const before = body.left;
  body.int8();
  const time = timeOf(body.varlong());
  const offset = base + body.varint();
  const keyLength = body.varint();
  const key = keyLength < 0 ? null : body.bytes(keyLength).toString('utf8');
  const valueLength = body.varint();
  const value = valueLength < 0 ? new Uint8Array(0) : body.bytes(valueLength);
  body.bytes(end - (before - body.left));
  return { topic: at.topic, partition: at.partition, offset, timestamp: time as Instant, key, value };
}

interface Transactions {
  /** Whether what a producer wrote at an offset belongs to a transaction that was given up. */
  isLost(producerId: string, offset: number): boolean;
  /** A control record: the end of a producer's transaction. */
  mark(producerId: string, body: ByteReader): void;
}

function createTransactions(aborted: readonly Aborted[]): Transactions {
  const coming = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const lost = new Set<string>();
  return {
    isLost(producerId, offset) {
      while (coming[0] && coming[0].firstOffset <= offset) lost.add(coming.shift()!.producerId);
      return lost.has(producerId);
    },
    mark(producerId, body) {
      body.varint();
      body.int8();
      body.varlong();
      body.varint();
      const keyLength = body.varint();
      if (keyLength < 4) return;
      body.int16();
      if (body.int16() === ABORT) lost.delete(producerId);
    },
  };
}

function explain({ topic, partition }: TopicPartition, offset: number, error: unknown): PortError {
  const where = `${topic}:${partition}:${offset}`;
  const why = error instanceof Error ? error.message : String(error);
  if (error instanceof PortError && error.code === 'INVALID')
    return new PortError('INVALID', `${where}: ${why}`, error);
  return new PortError('CORRUPT', `the batch at ${where} is not as it was written: ${why}`, error);
}
