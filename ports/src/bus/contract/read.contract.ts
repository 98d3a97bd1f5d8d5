/** Reading without a group. */
import { TOPICS } from '@kairos/schema';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bus, StartPosition } from '../bus.js';
import type { BusContractOptions, BusUnderTest } from './harness.contract.js';
import { collect, everyPartition, numbered, outgoing, PARTITIONS, SHORT_MS, texts, TOPIC } from './harness.contract.js';

const FIRST = { topic: TOPIC, partition: 0 };

export function readContract(options: BusContractOptions): void {
  let server: BusUnderTest;
  let bus: Bus;
  beforeEach(async () => {
    server = await options.open(PARTITIONS);
    bus = await server.connect();
  });
  afterEach(() => server.stop());

  const publish = (values: readonly string[], partition = 0) =>
    bus.publish(
      TOPIC,
      values.map((value) => outgoing(value, null, partition)),
    );
  const readFrom = (position: StartPosition, of: Bus = bus) => of.read({ from: [{ ...FIRST, position }] });
  const collected = async (position: StartPosition, count: number) =>
    texts(await collect(await readFrom(position), count, options.patienceMs));

  it('begins at the earliest, the latest, or an offset', async () => {
    const published = await publish(['a', 'b', 'c']);
    const latest = await readFrom('latest');
    expect(await collected('earliest', 3)).toEqual(['a', 'b', 'c']);
    expect(await collected(published[1]!.offset, 2)).toEqual(['b', 'c']);
    expect(await latest.poll(10, SHORT_MS)).toEqual([]);
    await publish(['d']);
    expect(texts(await collect(latest, 1, options.patienceMs))).toEqual(['d']);
  });

  it('answers with an empty list when nothing came in time', async () => {
    const reader = await readFrom('earliest');
    expect(await reader.poll(10, 0)).toEqual([]);
    expect(await reader.poll(10, SHORT_MS)).toEqual([]);
  });

  it("wakes a waiting poll with its own client's record and with another client's", async () => {
    const other = await server.connect();
    const reader = await readFrom('latest');
    const mine = collect(reader, 1, options.patienceMs);
    await publish(['from here']);
    expect(texts(await mine)).toEqual(['from here']);
    const theirs = collect(reader, 1, options.patienceMs);
    await other.publish(TOPIC, [outgoing('from there', null, 0)]);
    expect(texts(await theirs)).toEqual(['from there']);
  });

  it('gives at most as many as asked for, and the rest with the next polls', async () => {
    await publish(numbered(0, 10));
    const reader = await readFrom('earliest');
    const found: string[] = [];
    while (found.length < 10) {
      const records = await reader.poll(3, options.patienceMs ?? 5_000);
      expect(records.length).toBeGreaterThan(0);
      expect(records.length).toBeLessThanOrEqual(3);
      found.push(...texts(records));
    }
    expect(found).toEqual(numbered(0, 10));
  });

  it('says of each record where it stands', async () => {
    const published = await publish(['a', 'b']);
    const records = await collect(await readFrom('earliest'), 2, options.patienceMs);
    expect(records.map(({ topic, partition, offset }) => ({ topic, partition, offset }))).toEqual(published);
  });

  it('reads several partitions, each in order, and starves none', async () => {
    await publish(numbered(0, 500), 0);
    await publish(numbered(500, 510), 1);
    await publish(numbered(510, 520), 2);
    const reader = await bus.read({ from: everyPartition(TOPIC, 'earliest') });
    const polls = [await reader.poll(50, 1_000), await reader.poll(50, 1_000), await reader.poll(50, 1_000)];
    expect(new Set(polls.flat().map(({ partition }) => partition))).toEqual(new Set([0, 1, 2]));
    const all = [...polls.flat(), ...(await collect(reader, 520 - polls.flat().length, options.patienceMs))];
    expect(texts(all.filter(({ partition }) => partition === 0))).toEqual(numbered(0, 500));
    expect(texts(all.filter(({ partition }) => partition === 1))).toEqual(numbered(500, 510));
    expect(texts(all.filter(({ partition }) => partition === 2))).toEqual(numbered(510, 520));
  });

  it('reads several topics and only the partitions that it was told', async () => {
    await publish(['trade'], 0);
    await publish(['elsewhere'], 1);
    await bus.publish(TOPICS.commands, [outgoing('command', null, 3)]);
    const from = [FIRST, { topic: TOPICS.commands, partition: 3 }];
    const reader = await bus.read({ from: from.map((at) => ({ ...at, position: 'earliest' as const })) });
    expect(texts(await collect(reader, 2, options.patienceMs)).sort()).toEqual(['command', 'trade']);
    expect(await reader.poll(10, SHORT_MS)).toEqual([]);
  });

  it('gives every reader everything', async () => {
    await publish(['a', 'b']);
    const other = await server.connect();
    expect(await collected('earliest', 2)).toEqual(['a', 'b']);
    expect(texts(await collect(await readFrom('earliest', other), 2, options.patienceMs))).toEqual(['a', 'b']);
  });

  it('goes back and forth on request', async () => {
    const published = await publish(['a', 'b', 'c']);
    const reader = await readFrom('earliest');
    await collect(reader, 3, options.patienceMs);
    await reader.seek(FIRST, published[1]!.offset);
    expect(texts(await collect(reader, 2, options.patienceMs))).toEqual(['b', 'c']);
    await reader.seek(FIRST, 'earliest');
    expect(texts(await collect(reader, 3, options.patienceMs))).toEqual(['a', 'b', 'c']);
    await reader.seek(FIRST, 'earliest');
    await reader.seek(FIRST, 'latest');
    expect(await reader.poll(10, SHORT_MS)).toEqual([]);
  });

  it('goes on at the earliest, and says so, from a position that the topic has never reached', async () => {
    const published = await publish(['a', 'b']);
    const reader = await readFrom(published[1]!.offset + 1_000);
    expect(texts(await collect(reader, 2, options.patienceMs))).toEqual(['a', 'b']);
    const found = published[0]!.offset;
    expect(reader.gaps()).toEqual([{ at: FIRST, wanted: published[1]!.offset + 1_000, found }]);
    expect(reader.gaps()).toEqual([]);
  });

  it.each<[string, StartPosition, number]>([
    ['a partition that does not exist', 'earliest', PARTITIONS],
    ['a negative offset', -1, 0],
    ['half an offset', 0.5, 0],
  ])('refuses to begin at %s', async (_, position, partition) => {
    const reading = bus.read({ from: [{ topic: TOPIC, partition, position }] });
    await expect(reading).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('refuses to move a partition that it does not read', async () => {
    const reader = await readFrom('earliest');
    await expect(reader.seek({ topic: TOPIC, partition: 1 }, 0)).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('refuses a second poll while one is under way, and serves the first', async () => {
    const reader = await readFrom('earliest');
    const first = collect(reader, 1, options.patienceMs);
    await expect(reader.poll(1, 0)).rejects.toMatchObject({ code: 'INVALID' });
    await publish(['a']);
    expect(texts(await first)).toEqual(['a']);
  });

  it.each([
    ['no records', 0, 0],
    ['too many records', 1_000_000, 0],
    ['a wait that never ends', 1, Infinity],
    ['a wait before now', 1, -1],
  ])('refuses a poll for %s', async (_, recordsMax, waitMs) => {
    const reader = await readFrom('earliest');
    await expect(reader.poll(recordsMax, waitMs)).rejects.toMatchObject({ code: 'INVALID' });
  });
}
