/** What a checker is told while a simulated world runs. Each throws a Violation when a rule does not hold. */
import type { BusRecord, JournalEntry, Store } from '@kairos/ports';
import type { World } from '@kairos/schema';
import type { HeardStep } from '../audit/input.js';
import type { Auditor } from '../audit/auditor.js';
import type { Ledger } from '../workload/ledger.js';

/** An entry that has just become durable, and the steps of the trader that it stands for. */
export interface Committed {
  readonly entry: JournalEntry;
  readonly steps: readonly HeardStep[];
  /** The first entry of an owner that has just loaded the shard. */
  readonly hasLoaded: boolean;
}

/** What checkers may look at. */
export interface CheckContext {
  readonly world: World;
  readonly shards: number;
  /** What was published, and what each record stands for. */
  readonly ledger: Ledger;
  /** The auditor of a shard. */
  readonly auditorOf: (shard: number) => Auditor;
  /** Oldest offset that a partition still keeps. */
  readonly earliest: (topic: string, partition: number) => number;
  /** How often a dead letter may stand on the bus: more than once only where an owner was stopped while it wrote. */
  readonly copiesAllowed: (letterKey: string) => number;
}

export interface Check {
  onCommitted?(committed: Committed): void;
  /** A record that has just been published on `crypto.trades` or `crypto.dead_letter`. */
  onPublished?(record: BusRecord): void;
  /** Everything is quiet, every fault is over. */
  atEnd?(store: Store): Promise<void>;
}
