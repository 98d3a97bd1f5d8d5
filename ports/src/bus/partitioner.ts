/** Partition of a key as Kafka's default partitioner computes it: murmur2 (seed 0x9747b28c), sign bit cleared, modulo. */
const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

const encoder = new TextEncoder();

/** MurmurHash2, 32 bit, as in Kafka's `Utils.murmur2` (A. Appleby's public-domain hash). */
export function murmur2(data: Uint8Array): number {
  let hash = SEED ^ data.length;
  const words = data.length >>> 2;
  for (let i = 0; i < words; i++) {
    const at = i * 4;
    let k = data[at]! | (data[at + 1]! << 8) | (data[at + 2]! << 16) | (data[at + 3]! << 24);
    k = Math.imul(k, M);
    k = Math.imul(k ^ (k >>> R), M);
    hash = Math.imul(hash, M) ^ k;
  }
  const tail = words * 4;
  const left = data.length - tail;
  if (left === 3) hash ^= data[tail + 2]! << 16;
  if (left >= 2) hash ^= data[tail + 1]! << 8;
  if (left >= 1) hash = Math.imul(hash ^ data[tail]!, M);
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return (hash ^ (hash >>> 15)) | 0;
}

/** The partition that records with this key go to. */
export const partitionOf = (key: string, partitions: number): number =>
  (murmur2(encoder.encode(key)) & 0x7fffffff) % partitions;
