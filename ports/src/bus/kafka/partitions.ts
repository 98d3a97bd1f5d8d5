/** Ends of partitions, and what groups have committed. */
import type { Topic } from '@kairos/schema';
import type { PartitionOffsets, TopicPartition } from '../bus.js';
import type { Cluster } from './cluster.js';
import type { Address } from './connect.js';
import { EARLIEST, LATEST, READ_COMMITTED } from './calls.js';
import { CODE, refusal } from './refusals.js';
import { nameOf } from './connect.js';
import { PortError } from '../../errors.js';
import { REQUEST_TIMEOUT_MS } from './limits.js';
import type { TopicNames } from './topics.js';

export interface PartitionDeps {
  readonly cluster: Cluster;
  readonly names: TopicNames;
}

/** Earliest and next offset of partitions, in their order. @throws PortError */
export async function endsOf(deps: PartitionDeps, partitions: readonly TopicPartition[]): Promise<PartitionOffsets[]> {
  return deps.cluster.persist(async () => {
    const [earliest, next] = await Promise.all([list(deps, partitions, EARLIEST), list(deps, partitions, LATEST)]);
    return partitions.map(({ topic, partition }) => {
      const name = `${topic}/${partition}`;
      return { topic, partition, earliest: earliest.get(name)!, next: next.get(name)! };
    });
  });
}

/** One end of each, asked once. @throws PortError */
export async function list(
  { cluster, names }: PartitionDeps,
  partitions: readonly TopicPartition[],
  timestamp: number,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  const groups = byLeader({ cluster, names }, partitions);
  await Promise.all(
    groups.map(async ({ address, own }) => {
      const topics = own.map(({ topic, partition }) => ({
        topic: names.stored(topic),
        partitions: [{ partition, timestamp }],
      }));
      const call = { name: 'ListOffsets', asks: { isolationLevel: READ_COMMITTED, topics } } as const;
      const { responses } = await cluster.lane.ask(address, call, REQUEST_TIMEOUT_MS);
      for (const response of responses) {
        for (const { partition, errorCode, offset } of response.partitions) {
          const what = `tell the offsets of ${response.topic}/${partition}`;
          if (errorCode !== CODE.none) throw refusal(cluster.wire, errorCode, what);
          found.set(`${names.own(response.topic)}/${partition}`, Number(offset));
        }
      }
    }),
  );
  for (const { topic, partition } of partitions) {
    if (!found.has(`${topic}/${partition}`))
      throw new PortError('UNAVAILABLE', `nobody told the offsets of ${topic}/${partition}`);
  }
  return found;
}

function byLeader({ cluster, names }: PartitionDeps, partitions: readonly TopicPartition[]) {
  const groups = new Map<string, { readonly address: Address; readonly own: TopicPartition[] }>();
  for (const at of partitions) {
    const address = cluster.leaderOf(names.stored(at.topic), at.partition);
    if (!address) throw new PortError('UNAVAILABLE', `no broker leads ${names.stored(at.topic)}/${at.partition} now`);
    const group = groups.get(nameOf(address)) ?? { address, own: [] };
    groups.set(nameOf(address), group);
    group.own.push(at);
  }
  return [...groups.values()];
}

/** Next offsets that a group has committed; partitions without one are left out. @throws PortError */
export async function committedOf(
  { cluster, names }: PartitionDeps,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<(TopicPartition & { readonly next: number })[]> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))].map((topic: Topic) => ({
    topic: names.stored(topic),
    partitions: partitions.filter((at) => at.topic === topic).map(({ partition }) => ({ partition })),
  }));
  return cluster.persist(async () => {
    const address = await cluster.coordinatorOf(groupId);
    const what = `tell what the group ${groupId} has committed`;
    const answer = await cluster.lane.ask(
      address,
      { name: 'OffsetFetch', asks: { groupId, topics } },
      REQUEST_TIMEOUT_MS,
    );
    if (answer.errorCode !== CODE.none) throw refusal(cluster.wire, answer.errorCode, what);
    return answer.responses.flatMap((response) =>
      response.partitions.flatMap(({ partition, errorCode, offset }) => {
        if (errorCode !== CODE.none) throw refusal(cluster.wire, errorCode, what);
        return Number(offset) < 0 ? [] : [{ topic: names.own(response.topic), partition, next: Number(offset) }];
      }),
    );
  });
}
