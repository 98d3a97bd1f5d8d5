/** A bus in memory, shared by the clients of one test process: the semantics of the local bus, and faults on demand. */
import type { Topic } from '@kairos/schema';
import type { Clock } from '../../clock/clock.js';
import { PortError } from '../../errors.js';
import type { Log } from '../../log/log.js';
import type { Bus, BusRecord, TopicPartition } from '../bus.js';
import { createBackendBus } from '../common/backend-bus.js';
import type { BusBackend } from '../common/backend.js';
import type { Changes } from '../common/changes.js';
import { createChanges } from '../common/changes.js';
import type { GroupState } from '../common/group.js';
import { EMPTY_GROUP } from '../common/group.js';
import type { RetentionByTopic } from '../common/limits.js';
import { RETENTION } from '../common/limits.js';
import { ALL_TOPICS, createPartitionsOf } from '../common/partition-count.js';
import type { BusFaults } from './faults.js';
import { withFaults } from './faulty-bus.js';
import type { MemoryLog } from './memory-log.js';
import { createMemoryLog } from './memory-log.js';

export interface MemoryBusOptions {
  readonly partitions: number;
  readonly clock: Clock;
  readonly log?: Log;
  /** Left out: as on the local bus. */
  readonly retention?: RetentionByTopic;
  /** Told of records as they are appended, of one partition at a time. */
  readonly onAppend?: (records: readonly BusRecord[]) => void;
}

/** What outlives its clients: the records and groups. */
export interface MemoryBusServer {
  /** A client of its own; closing it is as if its process had ended well. With `faults` it is as faulty as they say. */
  connect(faults?: BusFaults): Bus;
}

interface Shared {
  readonly partitionsOf: (topic: Topic) => number;
  readonly logs: ReadonlyMap<Topic, readonly MemoryLog[]>;
  readonly groups: Map<string, GroupState>;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly onAppend: ((records: readonly BusRecord[]) => void) | undefined;
}

/** @throws PortError INVALID when the partition count is none. */
export function createMemoryBusServer(options: MemoryBusOptions): MemoryBusServer {
  const { clock, log = null, retention = RETENTION } = options;
  const partitionsOf = createPartitionsOf(options.partitions);
  const logsOf = (topic: Topic) =>
    Array.from({ length: partitionsOf(topic) }, (_, partition) =>
      createMemoryLog({ topic, partition }, retention[topic]),
    );
  const shared: Shared = {
    partitionsOf,
    logs: new Map(ALL_TOPICS.map((topic) => [topic, logsOf(topic)])),
    groups: new Map(),
    changes: createChanges(clock),
    clock,
    onAppend: options.onAppend,
  };
  return {
    connect(faults) {
      const bus = createBackendBus({ backend: createMemoryBackend(shared), clock, log });
      return faults ? withFaults(bus, { faults, clock }) : bus;
    },
  };
}

function createMemoryBackend(shared: Shared): BusBackend {
  const { partitionsOf, logs, groups, changes, clock } = shared;
  let isClosed = false;

  const checkOpen = (): void => {
    if (isClosed) throw new PortError('CLOSED', 'expected an open bus, found a closed one: open another');
  };
  const logOf = ({ topic, partition }: TopicPartition): MemoryLog => logs.get(topic)![partition]!;
  const groupOf = (groupId: string): GroupState => groups.get(groupId) ?? EMPTY_GROUP;

  return {
    partitionsOf,
    changes,
    lookIntervalMs: Infinity,
    process: 'memory',
    isGone: () => false,
    async look() {
      checkOpen();
    },
    async append(topic, records) {
      checkOpen();
      const now = clock.now();
      const offsets = new Map<number, number[]>();
      for (const partition of new Set(records.map((record) => record.partition))) {
        const own = records.filter((record) => record.partition === partition);
        const given = logOf({ topic, partition }).append(own, now);
        offsets.set(partition, given);
        shared.onAppend?.(own.map((record, i) => ({ topic, ...record, offset: given[i]!, timestamp: now })));
      }
      changes.note(topic);
      return records.map(({ partition }) => offsets.get(partition)!.shift()!);
    },
    async read(at, from, recordsMax) {
      checkOpen();
      return logOf(at).read(from, recordsMax);
    },
    async ends(topic) {
      checkOpen();
      partitionsOf(topic);
      return logs.get(topic)!.map(({ earliest, next }, partition) => ({ topic, partition, earliest, next }));
    },
    async group(groupId) {
      checkOpen();
      return groupOf(groupId);
    },
    async changeGroup(groupId, change) {
      checkOpen();
      const before = groupOf(groupId);
      const after = change(before);
      if (after !== before) {
        groups.set(groupId, after);
        changes.note(`group ${groupId}`);
      }
      return after;
    },
    async ping() {
      checkOpen();
    },
    async close() {
      isClosed = true;
    },
  };
}
