/** The backend of the local bus: records and groups in one file. */
import type { Clock } from '../../clock/clock.js';
import type { Log } from '../../log/log.js';
import type { BusBackend } from '../common/backend.js';
import type { Subject } from '../common/changes.js';
import { createChanges } from '../common/changes.js';
import type { RetentionByTopic } from '../common/limits.js';
import { LOOK_INTERVAL_MS } from '../common/limits.js';
import { createPartitionsOf } from '../common/partition-count.js';
import { createAccess } from './access.js';
import { createAppend } from './append.js';
import type { Database } from './database.js';
import { createEnds } from './ends.js';
import { createGroups } from './groups.js';
import { isProcessGone, processName } from './process-name.js';
import { createRead } from './read.js';
import { retrying } from './retrying.js';
import { prepareSchema } from './schema.js';
import { slotOf } from './slots.js';

export interface LocalBackendDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log | null;
}

export interface LocalBackendOptions {
  readonly partitions: number;
  readonly retention: RetentionByTopic;
}

export async function createLocalBackend(deps: LocalBackendDeps, options: LocalBackendOptions): Promise<BusBackend> {
  const { database, clock } = deps;
  const partitionsOf = createPartitionsOf(options.partitions);
  await retrying(clock, () => prepareSchema(database, options.partitions));
  const access = createAccess(deps);
  const changes = createChanges(clock);
  const groups = createGroups(database);
  const ends = createEnds(database);
  const append = createAppend({ database, ends }, options.retention);
  const read = createRead({ database, ends });

  async function writing<T>(subject: Subject, work: () => T): Promise<T> {
    const result = await access.write(work);
    changes.note(subject);
    return result;
  }

  return {
    partitionsOf,
    changes,
    lookIntervalMs: LOOK_INTERVAL_MS,
    process: processName(),
    isGone: (member) => isProcessGone(member.process),
    look: createLook(deps, { access, note: () => changes.note(null) }),
    append: (topic, placed) => writing(topic, () => append(topic, placed, clock.now())),
    read: (at, from, recordsMax) => access.read(() => read(at, from, recordsMax)),
    ends: (topic) =>
      access.read(() =>
        Array.from({ length: partitionsOf(topic) }, (_, partition) => {
          return { topic, partition, ...ends.load(slotOf({ topic, partition })) };
        }),
      ),
    group: (groupId) => access.read(() => groups.load(groupId)),
    changeGroup: (groupId, change) =>
      writing(`group ${groupId}`, () => {
        const before = groups.load(groupId);
        const after = change(before);
        if (after !== before) groups.save(groupId, after);
        return after;
      }),
    ping: () => access.read(() => void ends.load(0)),
    close: () => access.close(),
  };
}

/** Notes what other connections have committed; at most one look per LOOK_INTERVAL_MS, whoever asks. */
function createLook(
  { database, clock }: LocalBackendDeps,
  { access, note }: { readonly access: ReturnType<typeof createAccess>; readonly note: () => void },
): () => Promise<void> {
  const statement = database.prepare('PRAGMA data_version');
  let lookedAt = -Infinity;
  let seen: unknown = null;
  return async () => {
    access.checkOpen();
    const now = clock.monotonicMs();
    if (now - lookedAt < LOOK_INTERVAL_MS) return;
    lookedAt = now;
    const version = await retrying(clock, () => statement.all([])[0]![0]);
    if (seen !== null && version !== seen) note();
    seen = version;
  };
}
