/** Locks in memory: for tests, where several "processes" are one. */
import { PortError } from '../errors.js';
import type { Lock, LockHandle } from './lock.js';

export interface MemoryLockSpace {
  /** A lock that excludes every other lock of this name in this space. */
  lock(name: string): Lock;
  /** Frees a lock as if its holder had been killed; the holder is not told, its `release` does nothing afterwards. */
  kill(name: string): void;
  /** Takes a lock from its holder, who is told by `lost`. */
  revoke(name: string): void;
}

interface Holder extends LockHandle {
  lose(reason: PortError): void;
}

interface Waiter {
  grant(handle: LockHandle): void;
}

/** Who comes first is served first. */
export function createMemoryLocks(): MemoryLockSpace {
  const holders = new Map<string, Holder>();
  const queues = new Map<string, Waiter[]>();

  function take(name: string): LockHandle {
    let lose: (reason: PortError) => void = () => undefined;
    const lost = new Promise<PortError>((resolve) => {
      lose = resolve;
    });
    const handle: Holder = {
      lost,
      lose: (reason) => lose(reason),
      release: async () => {
        if (holders.get(name) === handle) free(name);
      },
    };
    holders.set(name, handle);
    return handle;
  }

  function free(name: string): void {
    holders.delete(name);
    queues.get(name)?.shift()?.grant(take(name));
  }

  async function acquire(name: string, signal?: AbortSignal): Promise<LockHandle | null> {
    return new Promise((resolve) => {
      const queue = queues.get(name) ?? [];
      queues.set(name, queue);
      const leave = () => {
        queue.splice(queue.indexOf(waiter), 1);
        resolve(null);
      };
      const waiter: Waiter = {
        grant(handle) {
          signal?.removeEventListener('abort', leave);
          resolve(handle);
        },
      };
      queue.push(waiter);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  return {
    lock: (name) => ({
      async acquire({ onWaiting, signal }) {
        if (signal?.aborted) return null;
        if (!holders.has(name)) return take(name);
        const waiting = acquire(name, signal);
        onWaiting?.();
        return waiting;
      },
    }),
    kill(name) {
      if (holders.has(name)) free(name);
    },
    revoke(name) {
      holders.get(name)?.lose(new PortError('FENCED', `${name} was given to another process: end this one`));
      if (holders.has(name)) free(name);
    },
  };
}
