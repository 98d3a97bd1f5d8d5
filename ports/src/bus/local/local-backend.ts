/** The backend of the local bus: records and groups in one file. */
import type { Clock } from '../../clock/clock.js';
import { PortError } from '../../errors.js';
import type { BusBackend } from '../common/backend.js';
import { createChanges } from '../common/changes.js';
import type { RetentionByTopic } from '../common/limits.js';
import { LOOK_INTERVAL_MS } from '../common/limits.js';
import { createPartitionsOf } from '../common/partition-count.js';
import type { Database } from './database.js';
import { createGroups } from './groups.js';
import { isProcessGone, processName } from './process-name.js';
import { createRecords } from './records.js';
import { retrying } from './retrying.js';
import { prepareSchema } from './schema.js';
import { createWriteQueue } from './write-queue.js';

export interface LocalBackendOptions {
  readonly partitions: number;
  readonly retention: RetentionByTopic;
}

export async function createLocalBackend(
  deps: { readonly database: Database; readonly clock: Clock },
  options: LocalBackendOptions,
): Promise<BusBackend> {
  const { database, clock } = deps;
  const partitionsOf = createPartitionsOf(options.partitions);
  await retrying(clock, () => prepareSchema(database, options.partitions));
  const records = createRecords(database, options.retention);
  const groups = createGroups(database);
  const changes = createChanges(clock);
  const writes = createWriteQueue();
  const look = createLook(database);
  let lookedAt = -Infinity;
  let isClosed = false;

  const checkOpen = (): void => {
    if (isClosed) throw new PortError('CLOSED', 'expected an open bus, found a closed one: open another');
  };

  async function reading<T>(work: () => T): Promise<T> {
    checkOpen();
    return retrying(clock, () => {
      checkOpen();
      return work();
    });
  }

  async function writing<T>(work: () => T): Promise<T> {
    checkOpen();
    return writes.run(() => retrying(clock, () => database.write(work)));
  }

  return {
    partitionsOf,
    changes,
    lookIntervalMs: LOOK_INTERVAL_MS,
    process: processName(),
    isGone: (member) => isProcessGone(member.process),
    async look() {
      checkOpen();
      const now = clock.monotonicMs();
      if (now - lookedAt < LOOK_INTERVAL_MS) return;
      lookedAt = now;
      if (await reading(look)) changes.note();
    },
    async append(topic, placed) {
      const offsets = await writing(() => records.append(topic, placed, clock.now()));
      changes.note();
      return offsets;
    },
    read: (at, from, recordsMax) => reading(() => database.snapshot(() => records.read(at, from, recordsMax))),
    ends: (topic) =>
      reading(() => Array.from({ length: partitionsOf(topic) }, (_, partition) => records.ends({ topic, partition }))),
    group: (groupId) => reading(() => groups.load(groupId)),
    async changeGroup(groupId, change) {
      const after = await writing(() => {
        const before = groups.load(groupId);
        const changed = change(before);
        if (changed !== before) groups.save(groupId, changed);
        return changed;
      });
      changes.note();
      return after;
    },
    ping: () => reading(() => database.exec('SELECT 1 FROM settings')),
    async close() {
      await writes.drained();
      isClosed = true;
      database.close();
    },
  };
}

/** Whether another connection has committed something since the last call. */
function createLook(database: Database): () => boolean {
  const statement = database.prepare('PRAGMA data_version');
  let seen: unknown = null;
  return () => {
    const version = statement.all([])[0]![0];
    const isNew = seen !== null && version !== seen;
    seen = version;
    return isNew;
  };
}
