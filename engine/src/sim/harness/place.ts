/** The one place to trade from in an embedded world: a lock that the kernel frees when its holder dies. */
import type { Clock, Ownership } from '@kairos/ports';
import type { MemoryLockSpace } from '@kairos/ports/testing';

export interface Place {
  /** Who has it; null = nobody. */
  readonly holder: string | null;
  /** @param isDead Whether the process has died meanwhile: what waits is freed with it. */
  ownershipOf(name: string, clock: Clock, isDead: () => boolean): Ownership;
  /** Takes it from whoever is named, as when that process has died or is taken for dead. */
  free(name: string): void;
}

const LOCK = 'trader';

export function createPlace(locks: MemoryLockSpace, shards: number): Place {
  const all = Array.from({ length: shards }, (_, shard) => shard);
  let holder: string | null = null;

  const free = (name: string): void => {
    if (holder !== name) return;
    holder = null;
    locks.kill(LOCK);
  };

  return {
    get holder() {
      return holder;
    },
    ownershipOf: (name, clock, isDead) => ({
      async acquire(options) {
        const handle = await locks.lock(LOCK).acquire(options);
        if (!handle) return null;
        holder = name;
        if (isDead()) free(name);
        let isKnown = false;
        return {
          async look(waitMs, signal) {
            if (isKnown) await clock.sleep(waitMs, signal);
            isKnown = true;
            return holder === name ? all : [];
          },
          async release() {
            if (holder === name) holder = null;
            await handle.release();
          },
        };
      },
    }),
    free,
  };
}
