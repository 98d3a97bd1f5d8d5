/**
 * Brings the read models after the journal: entries of one shard in order, several at a time, soon after their commit
 * and never before it. What is missing because a process died in between is taken from the journal itself.
 */
import type { Clock } from '../../clock/clock.js';
import { isPortError, PortError } from '../../errors.js';
import type { Log } from '../../log/log.js';
import type { Changes } from '../projection.js';
import { CALL_MS_MAX } from './connection.js';

/** Committed entries that may wait for the read models: beyond it commits wait. */
export const ENTRIES_BEHIND_MAX = 32;
/** Entries that are projected together. */
const BATCH_MAX = 16;
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

/** Somebody who waits for an entry; who is told of failures does not wait for what comes after one. */
interface Waiter {
  readonly entry: number;
  resolve(): void;
  reject?(error: unknown): void;
}

export function createProjector(deps: ProjectorDeps): Projector {
  const { shard, clock, log } = deps;
  const stopping = new AbortController();
  const queue: Changes[] = [];
  let waiters: Waiter[] = [];
  let through: number | null = null;
  let target = 0;
  let retryMs = RETRY_MS_MIN;
  let isRunning = false;
  let failure: unknown = null;

  const isBehind = (): boolean => through === null || through < target;

  const wakeReached = (): void => {
    const reached = waiters.filter(({ entry }) => through !== null && through >= entry);
    waiters = waiters.filter((waiter) => !reached.includes(waiter));
    for (const { resolve } of reached) resolve();
  };

  const tellFailure = (error: unknown): void => {
    const told = waiters.filter(({ reject }) => reject);
    waiters = waiters.filter(({ reject }) => !reject);
    for (const { reject } of told) reject?.(error);
  };

  const dropThrough = (entry: number): void => {
    while (queue[0] && queue[0].progress.entry <= entry) queue.shift();
  };

  /** The next consecutive entries: as they were offered, or else from the journal. */
  const nextBatch = async (after: number): Promise<readonly Changes[]> => {
    dropThrough(after);
    const gap = queue.findIndex((changes, index) => changes.progress.entry !== after + 1 + index);
    const offered = queue.slice(0, gap < 0 ? BATCH_MAX : Math.min(gap, BATCH_MAX));
    if (offered.length > 0) return offered;
    const stored = await deps.read(after, BATCH_MAX);
    if (stored.length > 0) return stored;
    throw new PortError('UNAVAILABLE', `entry ${after + 1} of shard ${shard} cannot be read yet; try again`);
  };

  const step = async (): Promise<void> => {
    through ??= await deps.progress();
    if (isBehind()) {
      const batch = await nextBatch(through);
      await deps.apply(batch);
      through = batch.at(-1)!.progress.entry;
    }
    dropThrough(through);
    retryMs = RETRY_MS_MIN;
    wakeReached();
  };

  /** False when it is no use to go on. */
  const onFailure = async (error: unknown): Promise<boolean> => {
    through = null;
    tellFailure(error);
    if (!isPortError(error) || !error.isRetriable) {
      failure = error;
      log?.error({ shard, err: error }, 'the read models cannot follow the journal: nothing more is committed');
      return false;
    }
    log?.debug({ shard, err: error, retryMs }, 'the read models are behind; trying again');
    await clock.sleep(retryMs, stopping.signal);
    retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
    return true;
  };

  const run = async (): Promise<void> => {
    while (isBehind() && !stopping.signal.aborted) {
      try {
        await step();
      } catch (error) {
        if (!(await onFailure(error))) break;
      }
    }
    isRunning = false;
  };

  const kick = (): void => {
    if (isRunning || failure !== null || stopping.signal.aborted) return;
    isRunning = true;
    void run();
  };

  const aim = (waiter: Waiter): void => {
    target = Math.max(target, waiter.entry);
    waiters.push(waiter);
    kick();
  };

  /** Waits for an entry for a bounded time; whether it was reached. */
  const within = async (entry: number): Promise<boolean> => {
    const over = new AbortController();
    const late = clock.sleep(CALL_MS_MAX, over.signal).then(() => false);
    const reached = new Promise<boolean>((resolve) => {
      over.signal.addEventListener('abort', () => (waiters = waiters.filter((waiter) => waiter !== mine)));
      const mine: Waiter = { entry, resolve: () => resolve(true) };
      aim(mine);
    });
    try {
      return await Promise.race([reached, late]);
    } finally {
      over.abort();
    }
  };

  return {
    async room() {
      if (failure !== null) throw failure as Error;
      const oldest = target - ENTRIES_BEHIND_MAX + 1;
      if (queue.length < ENTRIES_BEHIND_MAX || (await within(oldest))) return;
      throw new PortError(
        'UNAVAILABLE',
        `the read models of shard ${shard} are ${queue.length} entries behind the journal, and ${ENTRIES_BEHIND_MAX} is the limit; try again`,
      );
    },
    offer(changes) {
      const { entry } = changes.progress;
      if (entry > (queue.at(-1)?.progress.entry ?? 0)) queue.push(changes);
      target = Math.max(target, entry);
      kick();
    },
    async reach(entry) {
      failure = null;
      if (through !== null && through >= entry) return;
      // Another process may have owned the shard meanwhile.
      if (!isRunning) through = null;
      await new Promise<void>((resolve, reject) => aim({ entry, resolve, reject }));
    },
    async settled() {
      if (isRunning && failure === null) await within(target);
    },
    async stop() {
      if (isRunning) await within(target);
      stopping.abort();
    },
  };
}
