/** Records as Kafka keeps them: one batch of one partition (format 2), not compressed, under a CRC-32C. */
import type { Instant } from '@kairos/schema';
import { crc32c } from '../../crc32c.js';
import { createByteWriter, varintSize } from './bytes.js';

/** A record on its way out; key and value are not changed by anybody any more. */
export interface BatchRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array;
}

/** Who wrote a batch, and its place among what they wrote to the partition: brokers drop what they have already. */
export interface BatchOrigin {
  readonly producerId: bigint;
  readonly epoch: number;
  readonly sequence: number;
}

/** Bytes of a batch beside its records. */
export const BATCH_OVERHEAD_BYTES = 61;
/** Length, attributes, times, offsets and headers of a record take at most this much beside key and value. */
export const RECORD_OVERHEAD_BYTES = 24;

const FORMAT = 2;
/** Offset, length and leader's epoch stand before the format; the checksum and what it covers behind. */
const LENGTH_FROM = 12;
const CRC_AT = 17;
const CRC_FROM = 21;
const NO_HEADERS = 0;

export function encodeBatch(records: readonly BatchRecord[], origin: BatchOrigin, now: Instant): Buffer {
  const bodies = records.map(({ key, value }, index) => bodySize(key, value, index));
  const size = bodies.reduce((sum, body) => sum + varintSize(body) + body, BATCH_OVERHEAD_BYTES);
  const out = createByteWriter(size);
  out
    .int64(0)
    .int32(size - LENGTH_FROM)
    .int32(-1)
    .int8(FORMAT)
    .uint32(0);
  out
    .int16(0)
    .int32(records.length - 1)
    .int64(now)
    .int64(now);
  out.int64(origin.producerId).int16(origin.epoch).int32(origin.sequence).int32(records.length);
  records.forEach(({ key, value }, index) => {
    out.varint(bodies[index]!).int8(0).varint(0).varint(index);
    if (key === null) out.varint(-1);
    else out.varint(key.length).bytes(key);
    out.varint(value.length).bytes(value).varint(NO_HEADERS);
  });
  const batch = out.buffer;
  batch.writeUInt32BE(crc32c(batch.subarray(CRC_FROM)), CRC_AT);
  return batch;
}

function bodySize(key: Uint8Array | null, value: Uint8Array, index: number): number {
  const keySize = key === null ? varintSize(-1) : varintSize(key.length) + key.length;
  return (
    1 + varintSize(0) + varintSize(index) + keySize + varintSize(value.length) + value.length + varintSize(NO_HEADERS)
  );
}
