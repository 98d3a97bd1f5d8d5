import { describe, expect, it } from 'vitest';
import { murmur2, partitionOf } from './partitioner.js';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('murmur2', () => {
  // The vectors of Kafka's own UtilsTest.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('of %s is what Kafka computes', (text, expected) => {
    expect(murmur2(bytes(text))).toBe(expected);
  });
});

describe('partitionOf', () => {
  it.each(['', 'a', 'BTCUSDT', 'ключ', 'x'.repeat(1_000)])('of %j is within 0 and the count', (key) => {
    for (const partitions of [1, 2, 8, 256]) {
      const partition = partitionOf(key, partitions);
      expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true);
    }
  });

  it('clears the sign of the hash before the modulo', () => {
    expect(partitionOf('21', 8)).toBe((-973932308 & 0x7fffffff) % 8);
  });
});
