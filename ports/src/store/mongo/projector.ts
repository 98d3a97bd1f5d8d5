/**
 * Brings the read models after the journal: entries of one shard in order, several at a time, soon after their commit
 * and never before it. What is missing because a process died in between is taken from the journal itself.
 */
import type { Clock } from '../../clock/clock.js';
import { createEnder } from '../../clock/ending.js';
import { OVER } from '../../clock/over.js';
import { isPortError, PortError } from '../../errors.js';
import type { Log } from '../../log/log.js';
import type { Changes } from '../projection.js';
import type { ChangesQueue } from './changes-queue.js';
import { createChangesQueue } from './changes-queue.js';
import { CALL_MS_MAX } from './connection.js';
import type { Waiters } from './waiters.js';
import { createWaiters } from './waiters.js';

/** Committed entries that may wait for the read models: beyond it commits wait. */
export const ENTRIES_BEHIND_MAX = 32;
/** Entries that are projected together. */
const BATCH_MAX = 16;
/**
 * How long the next entries are left to gather where nobody waits for them: every write of read models goes to some ten
 * collections, and takes time from the commits.
 */
export const GATHER_MS = 50;
const RETRY_MS_MIN = 20;
const RETRY_MS_MAX = 2_000;

export interface ProjectorDeps {
  readonly shard: number;
  readonly clock: Clock;
  readonly log?: Log | undefined;
  /** The newest entry that the read models are known to have; 0 = none. */
  progress(): Promise<number>;
  /** What the journal's entries after this one mean, in order, at most `limit`. */
  read(afterEntry: number, limit: number): Promise<readonly Changes[]>;
  /** Writes changes of consecutive entries to the read models: any of them may be there already. */
  apply(batch: readonly Changes[]): Promise<void>;
}

export interface Projector {
  /** Resolves when another entry may be committed. @throws PortError UNAVAILABLE when too many wait for too long. */
  room(): Promise<void>;
  /** Takes what a committed entry means. */
  offer(changes: Changes): void;
  /** Resolves when the read models have everything up to an entry of the journal. @throws PortError */
  reach(entry: number): Promise<void>;
  /** Resolves when the read models have what was offered, or after a bounded time. */
  settled(): Promise<void>;
  /** Ends it after what was offered, or after a bounded time. */
  stop(): Promise<void>;
}

/** Where a shard's read models are, and where they are to be. */
interface Course {
  /** The entry that they are known to have; null = ask. */
  through: number | null;
  target: number;
  /** Why they cannot follow for good; null while they can. */
  failure: unknown;
  isRunning: boolean;
  /** When the next entries may be written if nobody waits for them, on the clock's own scale. */
  dueMs: number;
  /** Ends that time. */
  hurry(): void;
}

const nothing = (): void => undefined;

export function createProjector(deps: ProjectorDeps): Projector {
  const { shard, clock } = deps;
  const stopping = new AbortController();
  const queue = createChangesQueue();
  const waiters = createWaiters(clock);
  const course: Course = { through: null, target: 0, failure: null, isRunning: false, dueMs: 0, hurry: nothing };
  const run = createRun(deps, { queue, waiters, course, stopping: stopping.signal });

  const aimAt = (entry: number): void => {
    course.target = Math.max(course.target, entry);
    if (course.isRunning || course.failure !== null || stopping.signal.aborted) return;
    course.isRunning = true;
    void run();
  };
  const within = async (entry: number): Promise<boolean> => {
    const reached = waiters.within(entry, CALL_MS_MAX);
    aimAt(entry);
    course.hurry();
    return reached;
  };

  return {
    async room() {
      if (course.failure !== null) throw course.failure as Error;
      const oldest = course.target - ENTRIES_BEHIND_MAX + 1;
      if (queue.length < ENTRIES_BEHIND_MAX || (await within(oldest))) return;
      throw new PortError(
        'UNAVAILABLE',
        `the read models of shard ${shard} are ${queue.length} entries behind the journal, and ${ENTRIES_BEHIND_MAX} is the limit; try again`,
      );
    },
    offer(changes) {
      queue.push(changes);
      aimAt(changes.progress.entry);
    },
    async reach(entry) {
      course.failure = null;
      if (course.through !== null && course.through >= entry) return;
      // Another process may have owned the shard meanwhile.
      if (!course.isRunning) course.through = null;
      const reached = waiters.forEntry(entry);
      aimAt(entry);
      course.hurry();
      await reached;
    },
    async settled() {
      if (course.isRunning && course.failure === null) await within(course.target);
    },
    async stop() {
      if (course.isRunning) await within(course.target);
      stopping.abort(OVER);
    },
  };
}

interface RunParts {
  readonly queue: ChangesQueue;
  readonly waiters: Waiters;
  readonly course: Course;
  readonly stopping: AbortSignal;
}

/** Brings the read models to their target, over every failure that passes. */
function createRun(deps: ProjectorDeps, { queue, waiters, course, stopping }: RunParts): () => Promise<void> {
  const { shard, clock, log } = deps;
  let retryMs = RETRY_MS_MIN;
  const isBehind = (): boolean => course.through === null || course.through < course.target;

  const step = async (): Promise<void> => {
    let through = (course.through ??= await deps.progress());
    if (isBehind()) {
      course.dueMs = clock.monotonicMs() + GATHER_MS;
      const batch = await nextBatch(deps, queue, through);
      await deps.apply(batch);
      through = course.through = batch.at(-1)!.progress.entry;
    }
    queue.dropThrough(through);
    retryMs = RETRY_MS_MIN;
    waiters.reached(through);
  };

  /** False when it is no use to go on. */
  const onFailure = async (error: unknown): Promise<boolean> => {
    course.through = null;
    waiters.failed(error);
    if (!isPortError(error) || !error.isRetriable) {
      course.failure = error;
      log?.error({ shard, err: error }, 'the read models cannot follow the journal: nothing more is committed');
      return false;
    }
    log?.debug({ shard, err: error, retryMs }, 'the read models are behind; trying again');
    await clock.sleep(retryMs, stopping);
    retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
    return true;
  };

  const gather = async (): Promise<void> => {
    const ms = course.dueMs - clock.monotonicMs();
    if (ms <= 0 || waiters.areThere()) return;
    const over = createEnder();
    course.hurry = () => over.end();
    await clock.sleep(ms, over);
    course.hurry = nothing;
  };

  return async () => {
    while (isBehind() && !stopping.aborted) {
      try {
        await gather();
        await step();
      } catch (error) {
        if (!(await onFailure(error))) break;
      }
    }
    course.isRunning = false;
  };
}

/** The next consecutive entries: as they were offered, or else from the journal. */
async function nextBatch(deps: ProjectorDeps, queue: ChangesQueue, after: number): Promise<readonly Changes[]> {
  queue.dropThrough(after);
  const offered = queue.after(after, BATCH_MAX);
  if (offered.length > 0) return offered;
  const stored = await deps.read(after, BATCH_MAX);
  if (stored.length > 0) return stored;
  throw new PortError('UNAVAILABLE', `entry ${after + 1} of shard ${deps.shard} cannot be read yet; try again`);
}
