/** Fetch (version 11): records of several partitions from one broker, waiting for the first. */
import { createByteReader, createByteWriter, textSize } from './bytes.js';
import type { Aborted } from './batch-decode.js';
import type { ByteReader } from './bytes.js';
import { READ_COMMITTED } from './calls.js';
import { FETCH_BYTES_MAX, FETCH_PARTITION_BYTES_MAX } from './limits.js';
import type { WireCall } from './wire.js';

export interface FetchWish {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface FetchFound {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly aborted: readonly Aborted[];
  /** Batches, the last one perhaps cut. */
  readonly data: Buffer;
}

/** Key and version of the call. */
export const FETCH_API = [1, 11] as const;

const NOT_A_REPLICA = -1;
const NO_SESSION = 0;
const NO_EPOCH = -1;
const FIXED_BYTES = 64;
const PARTITION_BYTES = 28;

/** The wishes are served in their order: what comes first is sure to get something. */
export function fetchCall(wishes: readonly FetchWish[], waitMs: number): WireCall<readonly FetchFound[]> {
  return {
    apiKey: FETCH_API[0],
    apiVersion: FETCH_API[1],
    apiName: 'Fetch',
    encode: () => Promise.resolve(encode(wishes, waitMs)),
    decode: (payload) => Promise.resolve(decode(createByteReader(payload))),
  };
}

function encode(wishes: readonly FetchWish[], waitMs: number): Uint8Array {
  const size = wishes.reduce((sum, { topic }) => sum + textSize(topic) + 4 + PARTITION_BYTES, FIXED_BYTES);
  const out = createByteWriter(size);
  out.int32(NOT_A_REPLICA).int32(waitMs).int32(1).int32(FETCH_BYTES_MAX).int8(READ_COMMITTED);
  out.int32(NO_SESSION).int32(NO_EPOCH).int32(wishes.length);
  for (const { topic, partition, offset } of wishes) {
    out.text(topic).int32(1).int32(partition).int32(NO_EPOCH).int64(offset).int64(-1).int32(FETCH_PARTITION_BYTES_MAX);
  }
  return out.int32(0).text('').buffer;
}

function decode(reader: ByteReader): FetchFound[] {
  reader.int32();
  const errorCode = reader.int16();
  reader.int32();
  const found: FetchFound[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.text();
    for (let partitions = reader.int32(); partitions > 0; partitions--)
      found.push(decodePartition(reader, topic, errorCode));
  }
  return found;
}

function decodePartition(reader: ByteReader, topic: string, errorOfAll: number): FetchFound {
  const partition = reader.int32();
  const errorCode = reader.int16();
  reader.bytes(24);
  const aborted: Aborted[] = [];
  for (let count = reader.int32(); count > 0; count--) {
    aborted.push({ producerId: reader.int64Text(), firstOffset: reader.int64() });
  }
  reader.int32();
  const data = reader.bytes(Math.max(0, reader.int32()));
  return { topic, partition, errorCode: errorCode || errorOfAll, aborted, data };
}
