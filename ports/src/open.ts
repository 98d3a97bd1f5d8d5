/** Configuration to adapters: the only file that knows which adapter stands behind a port. */
import type { Config, World } from '@kairos/schema';
import type { Bus } from './bus/bus.js';
import type { Lock } from './lock/lock.js';
import type { Store } from './store/store.js';

/** Everything of a world that its processes share. */
export interface Doors {
  readonly bus: Bus;
  readonly store: Store;
  /** Ownership of the world's accounts: held by the trader. */
  readonly traderLock: Lock;
  close(): Promise<void>;
}

export declare function openDoors(config: Config, world: World): Promise<Doors>;
