/** The topics of the bus on Kafka: their names, made where missing, checked where they exist. */
import type { Topic } from '@kairos/schema';
import { HOUR_MS, TOPICS } from '@kairos/schema';
import { PortError } from '../../errors.js';
import { RETENTION } from '../common/limits.js';
import { ALL_TOPICS } from '../common/partition-count.js';
import type { TopicMetadata } from './calls.js';
import type { Cluster } from './cluster.js';
import { BROKERS_WAIT_MS, OPEN_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from './limits.js';
import { CODE, refusal } from './refusals.js';

/** What topics are called on the broker: the contract's names, behind a prefix if one is wanted. */
export interface TopicNames {
  stored(topic: Topic): string;
  own(stored: string): Topic;
}

export function createTopicNames(prefix: string): TopicNames {
  const own = new Map(ALL_TOPICS.map((topic) => [`${prefix}${topic}`, topic]));
  return {
    stored: (topic) => `${prefix}${topic}`,
    own(stored) {
      const topic = own.get(stored);
      if (!topic) throw new PortError('UNAVAILABLE', `expected an answer about topics of this bus, found ${stored}`);
      return topic;
    },
  };
}

export interface TopicOptions {
  readonly partitionsOf: (topic: Topic) => number;
  /** Copies of each partition. */
  readonly replication: number;
}

/** A broker removes only what it has stopped writing to: this much of health, which only matters now, is begun anew. */
const HEALTH_SEGMENT_MS = HOUR_MS / 4;

/**
 * Every topic exists afterwards, with a leader for every partition.
 * @throws PortError INVALID when one exists with another partition count; UNAVAILABLE when there is no broker in time.
 */
export async function ensureTopics(cluster: Cluster, names: TopicNames, options: TopicOptions): Promise<void> {
  const brokersUntilMs = cluster.clock.monotonicMs() + BROKERS_WAIT_MS;
  await cluster.persist(async () => {
    const { topicMetadata } = await cluster.refresh();
    const found = new Map(topicMetadata.map((topic) => [topic.topic, topic]));
    const missing = ALL_TOPICS.filter((topic) => isMissing(cluster, found.get(names.stored(topic))));
    for (const topic of ALL_TOPICS) {
      if (!missing.includes(topic))
        checkCount(names.stored(topic), found.get(names.stored(topic))!, options.partitionsOf(topic));
    }
    if (missing.length > 0) {
      await create(cluster, names, { ...options, missing, brokersUntilMs });
      throw new PortError('UNAVAILABLE', 'the topics were made just now');
    }
    const headless = topicMetadata.filter(({ partitionMetadata }) =>
      partitionMetadata.some(({ leader }) => leader < 0),
    );
    if (headless.length > 0) throw new PortError('UNAVAILABLE', `no broker leads ${headless[0]!.topic} yet`);
  }, OPEN_TIMEOUT_MS);
}

function isMissing(cluster: Cluster, found: TopicMetadata | undefined): boolean {
  if (!found || found.topicErrorCode === CODE.unknownTopicOrPartition) return true;
  if (found.topicErrorCode === CODE.none) return false;
  throw refusal(cluster.wire, found.topicErrorCode, `describe ${found.topic}`);
}

function checkCount(name: string, { partitionMetadata }: TopicMetadata, expected: number): void {
  const found = partitionMetadata.length;
  if (found === expected) return;
  const advice = `set KAFKA_PARTITIONS=${found}, or use another Kafka: the count is for good`;
  const single = expected === 1 ? 'delete the topic, it is made anew' : advice;
  throw new PortError('INVALID', `expected ${expected} partitions of ${name}, found ${found}: ${single}`);
}

interface Creating extends TopicOptions {
  readonly missing: readonly Topic[];
  /** Until then too few brokers for the copies may be a cluster that is just starting. */
  readonly brokersUntilMs: number;
}

async function create(
  cluster: Cluster,
  names: TopicNames,
  { missing, partitionsOf, replication, brokersUntilMs }: Creating,
): Promise<void> {
  const topics = missing.map((topic) => ({
    topic: names.stored(topic),
    numPartitions: partitionsOf(topic),
    replicationFactor: replication,
    configEntries: configOf(topic, replication),
  }));
  const call = { name: 'CreateTopics', asks: { topics, validateOnly: false, timeout: REQUEST_TIMEOUT_MS } } as const;
  const address = cluster.controller();
  if (!address) throw new PortError('UNAVAILABLE', 'Kafka has no controller now');
  const { topicErrors } = await cluster.lane.ask(address, call, 2 * REQUEST_TIMEOUT_MS);
  for (const { topic, errorCode, errorMessage } of topicErrors) {
    if (errorCode === CODE.none || errorCode === CODE.topicExists) continue;
    const error = refusal(cluster.wire, errorCode, `make the topic ${topic}`);
    const mayPass = errorCode === CODE.invalidReplication && cluster.clock.monotonicMs() < brokersUntilMs;
    throw new PortError(
      mayPass ? 'UNAVAILABLE' : error.code,
      errorMessage ? `${error.message}: ${errorMessage}` : error.message,
    );
  }
}

/** Prices are many and soon old, what was ordered and done is kept for long: as long as on the local bus. */
function configOf(topic: Topic, replication: number): { readonly name: string; readonly value: string }[] {
  const entries = [
    { name: 'min.insync.replicas', value: String(Math.max(1, replication - 1)) },
    { name: 'retention.ms', value: String(RETENTION[topic].ageMsMax) },
  ];
  return topic === TOPICS.health ? [...entries, { name: 'segment.ms', value: String(HEALTH_SEGMENT_MS) }] : entries;
}
