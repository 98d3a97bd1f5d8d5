/** A look at a store from outside, for people who ask how it is: nothing is made or changed, and no lock is needed. */
import type { World } from '@kairos/schema';
import type { Journal } from './store.js';

/** What stands behind the port. */
export interface StoreDescription {
  /** `MongoDB`, `SQLite`. */
  readonly product: string;
  readonly version: string;
  /** One line for people: stand-alone or which replica set, which file. */
  readonly detail: string;
  /** Why what is written now would not be kept, one line; null while it would. */
  readonly fault: string | null;
  /** The world whose books it holds; null before the first start, and where it holds one per world. */
  readonly world: World | null;
  /** Shards that accounts fall into; null before the first start. */
  readonly shards: number | null;
  /** Room left where it keeps its data, in bytes; null where it does not say. */
  readonly freeBytes: number | null;
}

/** Every call: @throws PortError UNAVAILABLE when it does not answer, INVALID when it refuses who asks. */
export interface StoreSurvey {
  describe(): Promise<StoreDescription>;
  /** Of every shard; empty before the first start. */
  readonly journal: Pick<Journal, 'head' | 'read' | 'snapshot'>;
  close(): Promise<void>;
}
