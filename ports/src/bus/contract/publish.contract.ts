/** Publishing: partitions, order, offsets, limits. */
import { TOPICS } from '@kairos/schema';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bus, OutgoingRecord } from '../bus.js';
import { PUBLISH_RECORDS_MAX, RECORD_BYTES_MAX } from '../bus.js';
import { partitionOf } from '../partitioner.js';
import type { BusContractOptions, BusUnderTest } from './harness.contract.js';
import { collect, everyPartition, numbered, outgoing, PARTITIONS, texts, TOPIC } from './harness.contract.js';

export function publishContract(options: BusContractOptions): void {
  let server: BusUnderTest;
  let bus: Bus;
  beforeEach(async () => {
    server = await options.open(PARTITIONS);
    bus = await server.connect();
  });
  afterEach(() => server.stop());

  it('says how many partitions a topic has', () => {
    expect(bus.partitionsOf(TOPICS.marketData)).toBe(PARTITIONS);
    expect(bus.partitionsOf(TOPICS.deadLetter)).toBe(1);
    expect(bus.partitionsOf(TOPICS.health)).toBe(1);
  });

  it('answers with growing offsets in the order of the records', async () => {
    const first = await bus.publish(TOPIC, [outgoing('a', null, 1), outgoing('b', null, 1)]);
    const second = await bus.publish(TOPIC, [outgoing('c', null, 1)]);
    const offsets = [...first, ...second].map((published) => published.offset);
    expect([...first, ...second].map((published) => published.partition)).toEqual([1, 1, 1]);
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
    expect(new Set(offsets).size).toBe(3);
    if (options.hasDenseOffsets) expect(offsets).toEqual([0, 1, 2]);
  });

  it('puts a key where Kafka would', async () => {
    const keys = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT', '', 'ключ'];
    const published = await bus.publish(
      TOPIC,
      keys.map((key) => outgoing('x', key)),
    );
    expect(published.map(({ partition }) => partition)).toEqual(keys.map((key) => partitionOf(key, PARTITIONS)));
  });

  it('keeps keyless records of one call together and gives the next call the next partition', async () => {
    const used: number[] = [];
    for (let call = 0; call < PARTITIONS; call++) {
      const published = await bus.publish(TOPIC, [outgoing('a'), outgoing('b'), outgoing('c')]);
      expect(new Set(published.map(({ partition }) => partition)).size).toBe(1);
      used.push(published[0]!.partition);
    }
    expect(new Set(used)).toEqual(new Set([0, 1, 2, 3]));
  });

  it.each<[string, OutgoingRecord]>([
    ['no key', { key: null, value: Uint8Array.of(1), partition: 0 }],
    ['an empty key', { key: '', value: Uint8Array.of(1), partition: 0 }],
    ['a key beyond ASCII', { key: 'ключ 🔑', value: Uint8Array.of(1), partition: 0 }],
    ['no value', { key: 'k', value: new Uint8Array(0), partition: 0 }],
    ['every byte', { key: 'k', value: Uint8Array.from({ length: 256 }, (_, i) => i), partition: 0 }],
    ['a part of a larger buffer', { key: 'k', value: Uint8Array.of(1, 2, 3, 4).subarray(1, 3), partition: 0 }],
    ['64 KiB', { key: 'k', value: new Uint8Array(65_536).fill(7), partition: 0 }],
  ])('gives a record with %s back as it was', async (_, record) => {
    await bus.publish(TOPIC, [record]);
    const reader = await bus.read({ from: [{ topic: TOPIC, partition: 0, position: 'earliest' }] });
    const [found] = await collect(reader, 1, options.patienceMs);
    expect(found).toMatchObject({ topic: TOPIC, partition: 0, key: record.key });
    expect(Buffer.from(found!.value).equals(record.value)).toBe(true);
  });

  it('keeps what it was given, whatever the caller does with the bytes afterwards', async () => {
    const value = Uint8Array.of(1, 2, 3);
    await bus.publish(TOPIC, [{ key: null, value, partition: 0 }]);
    value.fill(9);
    const reader = await bus.read({ from: [{ topic: TOPIC, partition: 0, position: 'earliest' }] });
    expect([...(await collect(reader, 1, options.patienceMs))[0]!.value]).toEqual([1, 2, 3]);
  });

  it('stamps records with the wall clock', async () => {
    const before = Date.now();
    await bus.publish(TOPIC, [outgoing('a', null, 0)]);
    const reader = await bus.read({ from: [{ topic: TOPIC, partition: 0, position: 'earliest' }] });
    const [found] = await collect(reader, 1, options.patienceMs);
    expect(Math.abs(found!.timestamp - before)).toBeLessThan(60_000);
  });

  it('takes its largest batch and keeps the order', async () => {
    const values = numbered(0, PUBLISH_RECORDS_MAX);
    await bus.publish(
      TOPIC,
      values.map((value) => outgoing(value, null, 2)),
    );
    const reader = await bus.read({ from: [{ topic: TOPIC, partition: 2, position: 'earliest' }] });
    expect(texts(await collect(reader, values.length, options.patienceMs))).toEqual(values);
  });

  it('keeps the order of calls that were not awaited one by one', async () => {
    const values = numbered(0, 50);
    await Promise.all(values.map((value) => bus.publish(TOPIC, [outgoing(value, 'same key')])));
    const reader = await bus.read({ from: everyPartition(TOPIC, 'earliest') });
    expect(texts(await collect(reader, 50, options.patienceMs))).toEqual(values);
  });

  it('publishes nothing when given nothing', async () => {
    expect(await bus.publish(TOPIC, [])).toEqual([]);
  });

  it.each<[string, () => OutgoingRecord[]]>([
    ['a partition that does not exist', () => [outgoing('good', null, 0), outgoing('bad', null, PARTITIONS)]],
    ['a partition that is no whole number', () => [outgoing('bad', null, 0.5)]],
    ['too many records', () => Array.from({ length: PUBLISH_RECORDS_MAX + 1 }, () => outgoing('x'))],
    ['too large a record', () => [{ key: null, value: new Uint8Array(RECORD_BYTES_MAX + 1) }]],
  ])('refuses %s and publishes nothing of the call', async (_, records) => {
    const before = await bus.offsets(TOPIC);
    await expect(bus.publish(TOPIC, records())).rejects.toMatchObject({ code: 'INVALID' });
    expect(await bus.offsets(TOPIC)).toEqual(before);
  });

  it('counts the ends of every partition', async () => {
    const before = await bus.offsets(TOPIC);
    await bus.publish(TOPIC, [outgoing('a', null, 3), outgoing('b', null, 3)]);
    const after = await bus.offsets(TOPIC);
    expect(after.map(({ partition }) => partition)).toEqual([0, 1, 2, 3]);
    expect(after.slice(0, 3)).toEqual(before.slice(0, 3));
    expect(after[3]!.next).toBeGreaterThan(before[3]!.next);
    if (options.hasDenseOffsets) expect(after[3]).toEqual({ topic: TOPIC, partition: 3, earliest: 0, next: 2 });
  });
}
