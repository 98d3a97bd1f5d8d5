/**
 * A lock that processes on several machines share: whoever a consumer group has given the one partition of a topic.
 *
 * It is freed at once by whoever lets go of it, and after the group's session time-out when its holder dies. A holder
 * that was taken for dead, because it was halted or cut off, is told by `lost` as soon as it hears of it; while nobody
 * can be asked it goes on holding, for nobody can be given the lock then either.
 */
import type { Topic } from '@kairos/schema';
import type { Bus, GroupMember } from '../../bus/bus.js';
import type { Clock } from '../../clock/clock.js';
import { OVER } from '../../clock/over.js';
import { isPortError, PortError } from '../../errors.js';
import type { Log } from '../../log/log.js';
import type { Lock, LockHandle } from '../lock.js';

/** How long one look at the group takes; a change is seen at once. */
const POLL_MS = 1_000;
/** Before the next look, where the group could not be looked at. */
const RETRY_MS = 500;

export interface GroupLockOptions {
  /** Names the lock. */
  readonly groupId: string;
  /** A topic with one partition; nothing is read of it. */
  readonly topic: Topic;
}

export interface GroupLockDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
}

const PARTITION = 0;
const isHeld = (member: GroupMember): boolean => member.assignment().some(({ partition }) => partition === PARTITION);

/** `acquire` throws PortError INVALID when the topic has more than one partition or the group cannot be joined. */
export function createGroupLock(deps: GroupLockDeps, { groupId, topic }: GroupLockOptions): Lock {
  const partitions = deps.bus.partitionsOf(topic);
  if (partitions !== 1) {
    throw new PortError('INVALID', `expected a topic with one partition to lock on, found ${topic} with ${partitions}`);
  }
  return {
    async acquire({ onWaiting, signal }) {
      if (signal?.aborted) return null;
      const member = await deps.bus.join({ groupId, topics: [topic], fallback: 'latest', isWithoutRecords: true });
      const leave = (): void => void member.close().catch(() => undefined);
      signal?.addEventListener('abort', leave, { once: true });
      try {
        if (await wait(deps, member, { ...(onWaiting ? { onWaiting } : {}), ...(signal ? { signal } : {}) })) {
          return hold(deps, member, groupId);
        }
        await member.close();
        return null;
      } catch (error) {
        await member.close();
        throw error;
      } finally {
        signal?.removeEventListener('abort', leave);
      }
    },
  };
}

/** Whether the lock was given; false when the signal aborted first. */
async function wait(
  deps: GroupLockDeps,
  member: GroupMember,
  { onWaiting, signal }: { readonly onWaiting?: () => void; readonly signal?: AbortSignal },
): Promise<boolean> {
  let isTold = false;
  while (!signal?.aborted) {
    await look(deps, member, signal);
    if (signal?.aborted) break;
    if (isHeld(member)) return true;
    if (isTold || member.generation() === 0) continue;
    isTold = true;
    onWaiting?.();
  }
  return false;
}

/** One look at the group; what may pass is said in the log. */
async function look({ clock, log }: GroupLockDeps, member: GroupMember, signal?: AbortSignal): Promise<void> {
  try {
    await member.poll(1, POLL_MS);
  } catch (error) {
    if (signal?.aborted) return;
    if (!isPortError(error) || !error.isRetriable) throw error;
    log.warn({ code: error.code }, `cannot look who holds the lock: ${error.message}`);
    await clock.sleep(RETRY_MS, signal);
  }
}

function hold(deps: GroupLockDeps, member: GroupMember, groupId: string): LockHandle {
  const releasing = new AbortController();

  /** Looks on; resolves with the reason when the lock is not held any more. */
  async function keep(): Promise<PortError | null> {
    while (!releasing.signal.aborted) {
      try {
        await look(deps, member, releasing.signal);
      } catch (error) {
        return isPortError(error)
          ? error
          : new PortError('UNAVAILABLE', `the group ${groupId} cannot be looked at`, error);
      }
      if (releasing.signal.aborted) break;
      if (!isHeld(member)) {
        return new PortError(
          'FENCED',
          `expected to hold ${groupId} still, found it given to another process: end this one`,
        );
      }
    }
    return null;
  }

  const lost = keep().then((reason) => reason ?? new Promise<never>(() => undefined));
  return {
    lost,
    async release() {
      releasing.abort(OVER);
      await member.close();
    },
  };
}
