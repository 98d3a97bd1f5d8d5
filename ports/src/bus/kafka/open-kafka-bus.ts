/**
 * The bus on Apache Kafka, 2.3 or newer.
 *
 * What `publish` resolved for has been acknowledged by all replicas in sync. Readers hold their positions themselves,
 * without a group; groups share partitions out by Kafka's own protocol. Every request has a time limit, and what breaks
 * is made again after 0.1 to 5 s: an outage is told by errors that may pass, and nothing is skipped over it.
 */
import { randomInt } from 'node:crypto';
import type { Clock } from '../../clock/clock.js';
import { LATE, orLate } from '../../clock/or-late.js';
import { isPortError, PortError } from '../../errors.js';
import type { Log } from '../../log/log.js';
import type { Bus } from '../bus.js';
import { ALL_TOPICS, createPartitionsOf } from '../common/partition-count.js';
import { createPlacement } from '../common/placement.js';
import type { Cluster } from './cluster.js';
import { createCluster } from './cluster.js';
import type { Address, SaslOptions, Security } from './connect.js';
import { PING_TIMEOUT_MS } from './limits.js';
import { createMember } from './member.js';
import { committedOf, endsOf } from './partitions.js';
import { createProducer } from './producer.js';
import type { ReaderDeps } from './reader.js';
import { createReader } from './reader.js';
import { createTopicNames, ensureTopics } from './topics.js';
import { createTracking } from './tracking.js';
import { createWire } from './wire.js';

export interface KafkaBusOptions {
  /** `host:port` of some brokers; the others are found through them. */
  readonly brokers: readonly string[];
  /** Encrypt the connections; with `ca` (PEM) that authority is trusted instead of the machine's. Left out: false. */
  readonly ssl?: Security['ssl'];
  /** Left out: no login. */
  readonly sasl?: SaslOptions | null;
  /** Partitions per topic, 1 to 256; for good once the topics exist. */
  readonly partitions: number;
  /** Copies of each partition of topics that are made. */
  readonly replication: number;
  /** Put before the names of topics, for tests that share a broker; groups are the caller's to tell apart. Left out: ''. */
  readonly topicPrefix?: string;
}

export interface KafkaBusDeps {
  readonly clock: Clock;
  readonly log?: Log;
  /** 0 to below 1, to spread out tries. Left out: the machine's. */
  readonly random?: () => number;
  /**
   * Called when a reader or member hangs for good: its polls throw STUCK from then on, and the process is to be ended
   * with an error. Left out: only the polls tell.
   */
  readonly onStuck?: (error: PortError) => void;
}

const RANDOM_STEPS = 2 ** 32;

/**
 * Opens the bus; every topic exists afterwards.
 *
 * @throws PortError INVALID when the brokers refuse the login, do not show a trusted certificate, or a topic has another
 *   partition count; UNAVAILABLE when no broker answers within 15 s.
 */
export async function openKafkaBus(options: KafkaBusOptions, deps: KafkaBusDeps): Promise<Bus> {
  const { partitions, replication, topicPrefix = '', ssl = false, sasl = null } = options;
  const { clock, log = null, random = () => randomInt(RANDOM_STEPS) / RANDOM_STEPS, onStuck = () => undefined } = deps;
  const partitionsOf = createPartitionsOf(partitions);
  const names = createTopicNames(topicPrefix);
  const seeds = options.brokers.map(addressOf);
  const wire = createWire();
  const topics = ALL_TOPICS.map((topic) => names.stored(topic));
  const cluster = createCluster({ wire, clock, random, security: { ssl, sasl } }, seeds, topics);
  try {
    await ensureTopics(cluster, names, { partitionsOf, replication });
    return createBus({ cluster, names, partitionsOf, log, onStuck });
  } catch (error) {
    cluster.close();
    throw error;
  }
}

function createBus(deps: ReaderDeps): Bus {
  const { cluster, partitionsOf } = deps;
  const place = createPlacement(partitionsOf);
  const producer = createProducer(deps);
  const { track, checkOpen, close } = createTracking(() => {
    producer.close();
    cluster.close();
  });
  const every = (topic: Parameters<typeof partitionsOf>[0]) =>
    Array.from({ length: partitionsOf(topic) }, (_, partition) => ({ topic, partition }));

  return {
    partitionsOf,
    async publish(topic, records) {
      checkOpen();
      const placed = place(topic, records);
      if (placed.length === 0) return [];
      const offsets = await producer.publish(topic, placed);
      return placed.map(({ partition }, index) => ({ topic, partition, offset: offsets[index]! }));
    },
    async read(options) {
      checkOpen();
      return track(await createReader(deps, options));
    },
    async join(options) {
      checkOpen();
      return track(createMember(deps, options));
    },
    async offsets(topic) {
      checkOpen();
      return endsOf(deps, every(topic));
    },
    async committed(groupId, topic) {
      checkOpen();
      const found = await committedOf(deps, groupId, every(topic));
      return found.sort((a, b) => a.partition - b.partition);
    },
    async ping() {
      checkOpen();
      await ping(cluster);
    },
    close,
  };
}

async function ping({ askAny, clock }: Cluster): Promise<void> {
  const answer = askAny('ApiVersions', {}, PING_TIMEOUT_MS).catch((error: unknown) => {
    if (isPortError(error, 'UNAVAILABLE')) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new PortError('UNAVAILABLE', `Kafka does not answer: ${why}`, error);
  });
  if ((await orLate(clock, PING_TIMEOUT_MS, answer)) === LATE) {
    throw new PortError('UNAVAILABLE', `no broker answered within ${PING_TIMEOUT_MS} ms`);
  }
}

/** Of `host:port`. @throws PortError INVALID */
export function addressOf(broker: string): Address {
  const colon = broker.lastIndexOf(':');
  const port = Number(broker.slice(colon + 1));
  const host = broker.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  if (colon > 0 && Number.isInteger(port) && port > 0 && port < 65_536) return { host, port };
  throw new PortError('INVALID', `expected a broker as host:port, found ${broker}: see KAFKA_BROKERS`);
}
