/** One process holds every shard: whoever has the lock. Another waits until it is gone. */
import type { Clock } from '../clock/clock.js';
import type { Lock } from '../lock/lock.js';
import type { Ownership } from './ownership.js';

/** @param shards How many there are. */
export function createLockOwnership(deps: { readonly lock: Lock; readonly clock: Clock }, shards: number): Ownership {
  const { lock, clock } = deps;
  const all = Array.from({ length: shards }, (_, shard) => shard);
  return {
    async acquire(options) {
      const handle = await lock.acquire(options);
      if (!handle) return null;
      let isKnown = false;
      return {
        async look(waitMs, signal) {
          if (isKnown) await clock.sleep(waitMs, signal);
          isKnown = true;
          return all;
        },
        release: () => handle.release(),
      };
    },
  };
}
