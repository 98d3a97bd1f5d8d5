/** The brokers of a cluster: who leads which partition, who coordinates which group, and calls that find their way. */
import type { Clock } from '../../clock/clock.js';
import { isPortError, PortError } from '../../errors.js';
import type { Backoff } from './backoff.js';
import { createBackoff } from './backoff.js';
import type { Calls } from './calls.js';
import { GROUP_COORDINATOR } from './calls.js';
import type { Address, ConnectDeps } from './connect.js';
import { nameOf } from './connect.js';
import type { Lane } from './lane.js';
import { createLane } from './lane.js';
import { CALL_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from './limits.js';
import { refusal } from './refusals.js';
import type { CallName, Wire } from './wire.js';

type Metadata = Calls['Metadata']['answers'];

export interface ClusterDeps extends ConnectDeps {
  /** 0 to below 1. */
  readonly random: () => number;
}

export interface Cluster {
  readonly wire: Wire;
  readonly clock: Clock;
  /** For short calls; whoever waits long opens a lane of its own. */
  readonly lane: Lane;
  openLane(): Lane;
  backoff(): Backoff;
  /** Broker that leads a partition, as far as known; null = none. */
  leaderOf(topic: string, partition: number): Address | null;
  controller(): Address | null;
  /** Asks anew who leads what. @throws PortError */
  refresh(): Promise<Metadata>;
  coordinatorOf(groupId: string): Promise<Address>;
  /** Asks any broker. */
  askAny<Name extends CallName>(
    name: Name,
    asks: Calls[Name]['asks'],
    timeoutMs?: number,
  ): Promise<Calls[Name]['answers']>;
  /** Repeats an attempt that fails in a way that may pass, with new metadata, until the time is over. */
  persist<T>(attempt: () => Promise<T>, timeoutMs?: number): Promise<T>;
  close(): void;
}

/** `topics`: what it is asked about, all the time. */
export function createCluster(deps: ClusterDeps, seeds: readonly Address[], topics: readonly string[]): Cluster {
  const { wire, clock, random } = deps;
  const lanes = new Set<Lane>();
  let brokers = new Map<number, Address>();
  let leaders = new Map<string, number>();
  let controllerId = -1;
  let refreshing: Promise<Metadata> | null = null;
  let isClosed = false;

  const openLane = (): Lane => {
    const lane = createLane(deps);
    lanes.add(lane);
    return { ...lane, close: () => (lanes.delete(lane), lane.close()) };
  };
  const lane = openLane();

  /** Brokers in the order in which it is wise to ask them: connected ones first, the seeds last. */
  const candidates = (): Address[] => {
    const known = [...brokers.values()].sort((a, b) => Number(lane.isConnected(b)) - Number(lane.isConnected(a)));
    const names = new Set(known.map(nameOf));
    return [...known, ...seeds.filter((seed) => !names.has(nameOf(seed)))];
  };

  const askAny: Cluster['askAny'] = async (name, asks, timeoutMs = REQUEST_TIMEOUT_MS) => {
    let first: PortError = new PortError('INVALID', 'expected at least one broker, found none: set KAFKA_BROKERS');
    let isFirst = true;
    for (const address of candidates()) {
      try {
        return await lane.ask(address, { name, asks }, timeoutMs);
      } catch (error) {
        if (!isPortError(error) || error.code === 'CLOSED') throw error;
        // A refused login says more than that another broker is away.
        if (isFirst || error.code === 'INVALID') first = error;
        isFirst = false;
      }
    }
    throw first;
  };

  async function refreshNow(): Promise<Metadata> {
    const found = await askAny('Metadata', { topics, allowAutoTopicCreation: false });
    if (found.brokers.length === 0) throw new PortError('UNAVAILABLE', 'Kafka knows none of its brokers yet');
    brokers = new Map(found.brokers.map(({ nodeId, host, port }) => [nodeId, { host, port }]));
    controllerId = found.controllerId;
    leaders = new Map(
      found.topicMetadata.flatMap(({ topic, partitionMetadata }) =>
        partitionMetadata.map(({ partitionId, leader }) => [`${topic}/${partitionId}`, leader] as const),
      ),
    );
    return found;
  }

  const refresh = (): Promise<Metadata> => {
    refreshing ??= refreshNow().finally(() => {
      refreshing = null;
    });
    return refreshing;
  };

  return {
    wire,
    clock,
    lane,
    openLane,
    backoff: () => createBackoff({ clock, random }),
    leaderOf: (topic, partition) => brokers.get(leaders.get(`${topic}/${partition}`) ?? -1) ?? null,
    controller: () => brokers.get(controllerId) ?? null,
    refresh,
    async coordinatorOf(groupId) {
      const found = await askAny('GroupCoordinator', { groupId, coordinatorType: GROUP_COORDINATOR });
      if (found.errorCode !== 0) throw refusal(wire, found.errorCode, `say who coordinates the group ${groupId}`);
      return { host: found.coordinator.host, port: found.coordinator.port };
    },
    askAny,
    async persist(attempt, timeoutMs = CALL_TIMEOUT_MS) {
      const until = clock.monotonicMs() + timeoutMs;
      const backoff = createBackoff({ clock, random });
      for (;;) {
        try {
          return await attempt();
        } catch (error) {
          const canPass = isPortError(error) && error.isRetriable && !isClosed && clock.monotonicMs() < until;
          if (!canPass) throw error;
          await backoff.wait();
          await refresh().catch((trouble: unknown) => {
            if (!isPortError(trouble) || !trouble.isRetriable) throw trouble;
          });
        }
      }
    },
    close() {
      isClosed = true;
      for (const each of lanes) each.close();
    },
  };
}
