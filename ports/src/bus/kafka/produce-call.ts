/** Produce (version 7): batches of several partitions for one broker, acknowledged by all replicas in sync. */
import { createByteReader, createByteWriter, textSize } from './bytes.js';
import type { ByteReader } from './bytes.js';
import type { WireCall } from './wire.js';

export interface ProduceBatch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Uint8Array;
}

export interface Produced {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  /** Offset of the batch's first record. */
  readonly offset: number;
}

/** Key and version of the call. */
export const PRODUCE_API = [0, 7] as const;

const ALL_REPLICAS = -1;
const FIXED_BYTES = 16;

/** `timeoutMs`: how long the broker waits for its replicas. */
export function produceCall(batches: readonly ProduceBatch[], timeoutMs: number): WireCall<readonly Produced[]> {
  return {
    apiKey: PRODUCE_API[0],
    apiVersion: PRODUCE_API[1],
    apiName: 'Produce',
    encode: () => Promise.resolve(encode(batches, timeoutMs)),
    decode: (payload) => Promise.resolve(decode(createByteReader(payload))),
  };
}

function encode(batches: readonly ProduceBatch[], timeoutMs: number): Uint8Array {
  const size = batches.reduce((sum, { topic, bytes }) => sum + textSize(topic) + 12 + bytes.length, FIXED_BYTES);
  const topics = new Map<string, ProduceBatch[]>();
  for (const batch of batches) topics.set(batch.topic, [...(topics.get(batch.topic) ?? []), batch]);
  const out = createByteWriter(size);
  out.text(null).int16(ALL_REPLICAS).int32(timeoutMs).int32(topics.size);
  for (const [topic, own] of topics) {
    out.text(topic).int32(own.length);
    for (const { partition, bytes } of own) out.int32(partition).int32(bytes.length).bytes(bytes);
  }
  return out.buffer;
}

function decode(reader: ByteReader): Produced[] {
  const produced: Produced[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.text();
    for (let partitions = reader.int32(); partitions > 0; partitions--) {
      const partition = reader.int32();
      const errorCode = reader.int16();
      produced.push({ topic, partition, errorCode, offset: reader.int64() });
      reader.bytes(16);
    }
  }
  return produced;
}
