/** Looks at a Kafka cluster without making a topic or joining a group. */
import type { Topic } from '@kairos/schema';
import { PortError } from '../../errors.js';
import type { BusRecord, TopicPartition } from '../bus.js';
import { ALL_TOPICS } from '../common/partition-count.js';
import type { BusDescription, BusSurvey, GroupDescription } from '../survey.js';
import { decodeBatches } from './batch-decode.js';
import type { TopicMetadata } from './calls.js';
import type { Cluster } from './cluster.js';
import { createCluster } from './cluster.js';
import type { Address } from './connect.js';
import { nameOf } from './connect.js';
import { fetchCall } from './fetch-call.js';
import { FETCH_WAIT_FULL_MS, REQUEST_TIMEOUT_MS } from './limits.js';
import type { KafkaBusOptions } from './open-kafka-bus.js';
import { addressOf } from './open-kafka-bus.js';
import type { KafkaBusDeps } from './open-kafka-bus.js';
import type { PartitionDeps } from './partitions.js';
import { committedOf, endsOf } from './partitions.js';
import { CODE, refusal } from './refusals.js';
import { createTopicNames } from './topics.js';
import { versionCall } from './version-call.js';
import { createWire } from './wire.js';

export type KafkaSurveyOptions = Omit<KafkaBusOptions, 'partitions' | 'replication'> & {
  /** Groups of ours begin so. */
  readonly groupPrefix: string;
};

/** Sent along by clients that ask a broker for its version. */
const CLIENT = { name: 'kairos', version: '0' };

/** @throws PortError UNAVAILABLE when no broker answers, INVALID when login or certificate are refused */
export async function surveyKafkaBus(
  { brokers, ssl = false, sasl = null, topicPrefix = '', groupPrefix }: KafkaSurveyOptions,
  { clock }: Pick<KafkaBusDeps, 'clock'>,
): Promise<BusSurvey> {
  const names = createTopicNames(topicPrefix);
  const topics = ALL_TOPICS.map((topic) => names.stored(topic));
  const deps = { wire: createWire(), clock, random: () => 0, security: { ssl, sasl } };
  const cluster = createCluster(deps, brokers.map(addressOf), topics);
  try {
    await cluster.refresh();
  } catch (error) {
    cluster.close();
    throw error;
  }
  return createSurvey({ cluster, names }, groupPrefix);
}

function createSurvey(deps: PartitionDeps, groupPrefix: string): BusSurvey {
  const { cluster } = deps;

  const partitionsNow = async (wanted?: Topic): Promise<TopicPartition[]> =>
    (await topicsNow(deps))
      .filter(({ topic }) => wanted === undefined || topic === wanted)
      .flatMap(({ topic, partitions }) => Array.from({ length: partitions }, (_, partition) => ({ topic, partition })));

  return {
    describe: () => describe(deps),
    offsets: async (topic) => endsOf(deps, await partitionsNow(topic)),
    async groups() {
      const partitions = await partitionsNow();
      const ids = (await groupIds(cluster)).filter((groupId) => groupId.startsWith(groupPrefix));
      return Promise.all(
        ids.sort().map(async (groupId): Promise<GroupDescription> => {
          const [members, committed] = await Promise.all([
            membersOf(cluster, groupId),
            committedOf(deps, groupId, partitions),
          ]);
          return { groupId, members, committed };
        }),
      );
    },
    async newest(at, recordsMax) {
      const found = (await partitionsNow(at.topic)).some(({ partition }) => partition === at.partition);
      return found ? newestOf(deps, at, recordsMax) : [];
    },
    close: async () => cluster.close(),
  };
}

async function describe({ cluster, names }: PartitionDeps): Promise<BusDescription> {
  const { brokers } = await cluster.refresh();
  const addresses = brokers.map(({ host, port }) => ({ host, port }));
  const version = await cluster.lane.send(addresses[0]!, versionCall(CLIENT), REQUEST_TIMEOUT_MS);
  const count = brokers.length === 1 ? '1 broker' : `${brokers.length} brokers`;
  return {
    product: 'Apache Kafka',
    version,
    detail: `${count}: ${addresses.map(nameOf).join(', ')}`,
    topics: await topicsNow({ cluster, names }),
  };
}

async function topicsNow({ cluster, names }: PartitionDeps): Promise<BusDescription['topics']> {
  const { topicMetadata } = await cluster.refresh();
  return topicMetadata
    .filter((found) => isThere(cluster, found))
    .map(({ topic, partitionMetadata }) => ({ topic: names.own(topic), partitions: partitionMetadata.length }));
}

function isThere({ wire }: Cluster, { topic, topicErrorCode }: TopicMetadata): boolean {
  if (topicErrorCode === CODE.unknownTopicOrPartition) return false;
  if (topicErrorCode === CODE.none) return true;
  throw refusal(wire, topicErrorCode, `describe ${topic}`);
}

/** Every broker knows the groups that it coordinates. */
async function groupIds({ wire, lane, refresh }: Cluster): Promise<string[]> {
  const { brokers } = await refresh();
  const lists = await Promise.all(
    brokers.map(async ({ host, port }) => {
      const found = await lane.ask({ host, port }, { name: 'ListGroups', asks: {} }, REQUEST_TIMEOUT_MS);
      if (found.errorCode !== CODE.none) throw refusal(wire, found.errorCode, 'list groups');
      return found.groups.map(({ groupId }) => groupId);
    }),
  );
  return [...new Set(lists.flat())];
}

async function membersOf(cluster: Cluster, groupId: string): Promise<number> {
  const address = await cluster.coordinatorOf(groupId);
  const call = { name: 'DescribeGroups', asks: { groupIds: [groupId] } } as const;
  const [found] = (await cluster.lane.ask(address, call, REQUEST_TIMEOUT_MS)).groups;
  if (!found) return 0;
  if (found.errorCode !== CODE.none) throw refusal(cluster.wire, found.errorCode, `describe the group ${groupId}`);
  return found.members.length;
}

async function newestOf(deps: PartitionDeps, at: TopicPartition, recordsMax: number): Promise<BusRecord[]> {
  const { cluster, names } = deps;
  const [end] = await endsOf(deps, [at]);
  const leader = cluster.leaderOf(names.stored(at.topic), at.partition);
  if (!leader) throw new PortError('UNAVAILABLE', `no broker leads ${at.topic}/${at.partition} now`);
  const records: BusRecord[] = [];
  let from = Math.max(end!.earliest, end!.next - recordsMax);
  while (from < end!.next) {
    const next = await readInto(records, { deps, leader, at }, from);
    if (next <= from) break;
    from = next;
  }
  return records.slice(-recordsMax);
}

interface Place {
  readonly deps: PartitionDeps;
  readonly leader: Address;
  readonly at: TopicPartition;
}

/** Reads one answer's worth from an offset on; where to go on, the same offset when nothing came. */
async function readInto(records: BusRecord[], { deps, leader, at }: Place, from: number): Promise<number> {
  const { cluster, names } = deps;
  const wish = { topic: names.stored(at.topic), partition: at.partition, offset: from };
  const [found] = await cluster.lane.send(leader, fetchCall([wish], FETCH_WAIT_FULL_MS), REQUEST_TIMEOUT_MS);
  if (!found) return from;
  if (found.errorCode !== CODE.none) throw refusal(cluster.wire, found.errorCode, `read ${wish.topic} from ${from}`);
  const { records: read, next, failure } = decodeBatches(at, found.data, from, found.aborted);
  records.push(...read);
  if (failure) throw failure;
  return next;
}
