/** Consumer groups: sharing, commits, hand-over, fencing. */
import { TOPICS } from '@kairos/schema';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bus, GroupMember, GroupOptions } from '../bus.js';
import type { BusContractOptions, BusUnderTest } from './harness.contract.js';
import { collect, nameOf, numbered, outgoing, PARTITIONS, pollUntil, texts, TOPIC } from './harness.contract.js';

export function groupContract(options: BusContractOptions): void {
  let server: BusUnderTest;
  let bus: Bus;
  beforeEach(async () => {
    server = await options.open(PARTITIONS);
    bus = await server.connect();
  });
  afterEach(() => server.stop());

  const GROUP = 'readers';
  const join = async (some: Partial<GroupOptions> = {}): Promise<GroupMember> => {
    const client = await server.connect();
    return client.join({ groupId: GROUP, topics: [TOPIC], fallback: 'earliest', ...some });
  };
  const publishEverywhere = (values: readonly string[]) =>
    bus.publish(
      TOPIC,
      values.map((value, index) => outgoing(value, null, index % PARTITIONS)),
    );
  const hold = (count: number, member: GroupMember) => () => member.assignment().length === count;
  const held = (members: readonly GroupMember[]) => members.flatMap((member) => member.assignment().map(nameOf)).sort();
  const ALL = Array.from({ length: PARTITIONS }, (_, partition) => nameOf({ topic: TOPIC, partition }));
  const commitAll = (member: GroupMember, records: Awaited<ReturnType<GroupMember['poll']>>) =>
    member.commit(
      member.assignment().flatMap((at) => {
        const offsets = records.filter((record) => record.partition === at.partition).map((record) => record.offset);
        return offsets.length === 0 ? [] : [{ ...at, next: Math.max(...offsets) + 1 }];
      }),
    );

  it('gives a sole member every partition of its topics', async () => {
    const member = await join({ topics: [TOPIC, TOPICS.deadLetter] });
    await pollUntil([member], hold(PARTITIONS + 1, member), options.patienceMs);
    expect(held([member])).toEqual([nameOf({ topic: TOPICS.deadLetter, partition: 0 }), ...ALL].sort());
  });

  it('begins at the earliest where nothing was committed, if told so', async () => {
    await publishEverywhere(numbered(0, 8));
    const member = await join({ fallback: 'earliest' });
    expect(texts(await collect(member, 8, options.patienceMs)).sort()).toEqual(numbered(0, 8).sort());
  });

  it('begins at the latest where nothing was committed, if told so', async () => {
    await publishEverywhere(['before']);
    const member = await join({ fallback: 'latest' });
    await pollUntil([member], hold(PARTITIONS, member), options.patienceMs);
    await publishEverywhere(['after']);
    expect(texts(await collect(member, 1, options.patienceMs))).toEqual(['after']);
  });

  it('goes on after a restart where it had committed', async () => {
    await publishEverywhere(numbered(0, 8));
    const first = await join();
    await commitAll(first, await collect(first, 8, options.patienceMs));
    await first.close();
    await publishEverywhere(['new']);
    const second = await join();
    expect(texts(await collect(second, 1, options.patienceMs))).toEqual(['new']);
  });

  it('gives again after a restart what was not committed', async () => {
    const published = await bus.publish(
      TOPIC,
      numbered(0, 3).map((value) => outgoing(value, null, 0)),
    );
    const first = await join();
    await collect(first, 3, options.patienceMs);
    await first.commit([{ topic: TOPIC, partition: 0, next: published[1]!.offset }]);
    await first.close();
    const second = await join();
    expect(texts(await collect(second, 2, options.patienceMs))).toEqual(['record 1', 'record 2']);
  });

  it('tells what a group has committed', async () => {
    const published = await publishEverywhere(numbered(0, 2));
    const member = await join();
    await commitAll(member, await collect(member, 2, options.patienceMs));
    const expected = published.map(({ topic, partition, offset }) => ({ topic, partition, next: offset + 1 }));
    expect(await bus.committed(GROUP, TOPIC)).toEqual(expected);
    expect(await bus.committed(GROUP, TOPICS.commands)).toEqual([]);
    expect(await bus.committed('nobody', TOPIC)).toEqual([]);
  });

  it('shares the partitions out among its members, each to one', async () => {
    const members = [await join(), await join()];
    const isShared = () => held(members).length === PARTITIONS && members.every((m) => m.assignment().length > 0);
    await pollUntil(members, isShared, options.patienceMs);
    expect(held(members)).toEqual(ALL);
    await publishEverywhere(numbered(0, 12));
    const found: string[][] = [[], []];
    await pollUntil(
      members.map((member, index) => ({
        ...member,
        poll: async (recordsMax, waitMs) => {
          const records = await member.poll(recordsMax, waitMs);
          found[index]!.push(...texts(records));
          return records;
        },
      })),
      () => found.flat().length >= 12,
      options.patienceMs,
    );
    expect(found.flat().sort()).toEqual(numbered(0, 12).sort());
    expect(found.every((some) => some.length > 0)).toBe(true);
  });

  it('hands the partitions of a member that leaves to the others', async () => {
    const [staying, leaving] = [await join(), await join()];
    const isShared = () => [staying, leaving].every((member) => member.assignment().length === PARTITIONS / 2);
    await pollUntil([staying, leaving], isShared, options.patienceMs);
    await leaving.close();
    await pollUntil([staying], hold(PARTITIONS, staying), options.patienceMs);
    expect(held([staying])).toEqual(ALL);
  });

  it('refuses the commit of a partition that was given to another member, and stores nothing of it', async () => {
    const before = await join();
    await pollUntil([before], hold(PARTITIONS, before), options.patienceMs);
    const mine = before.assignment();
    const after = await join();
    // Both poll: a broker may wait for every member before it shares out anew.
    await pollUntil([after, before], () => after.assignment().length > 0, options.patienceMs);
    const commit = before.commit(mine.map((at) => ({ ...at, next: 7 })));
    await expect(commit).rejects.toMatchObject({ code: 'FENCED' });
    expect(await bus.committed(GROUP, TOPIC)).toEqual([]);
  });

  it('keeps groups apart', async () => {
    await publishEverywhere(['a']);
    const [one, other] = [await join({ groupId: 'one' }), await join({ groupId: 'other' })];
    await commitAll(one, await collect(one, 1, options.patienceMs));
    expect(texts(await collect(other, 1, options.patienceMs))).toEqual(['a']);
    expect(await bus.committed('other', TOPIC)).toEqual([]);
  });

  it.each<[string, Partial<GroupOptions>]>([
    ['without a name', { groupId: '' }],
    ['for no topic', { topics: [] }],
  ])('refuses to join a group %s', async (_, some) => {
    await expect(join(some)).rejects.toMatchObject({ code: 'INVALID' });
  });
}
