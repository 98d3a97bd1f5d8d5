/** What outlives the processes of a simulated world: bus, store, time. */
import type { BusRecord, JournalEntry } from '@kairos/ports';
import type { MemoryBusServer, MemoryStoreServer, SimulatedClock } from '@kairos/ports/testing';
import { createMemoryBusServer, createMemoryStoreServer, createSimulatedClock } from '@kairos/ports/testing';
import type { Instant } from '@kairos/schema';

export interface Servers {
  readonly clock: SimulatedClock;
  readonly bus: MemoryBusServer;
  readonly store: MemoryStoreServer;
}

export interface ServersOptions {
  readonly start: Instant;
  readonly partitions: number;
  readonly shards: number;
  /** Records of prices and signals that a partition keeps. */
  readonly recordsMax: number;
  readonly onEntry: (entry: JournalEntry) => void;
  readonly onRecords: (records: readonly BusRecord[]) => void;
}

export function createServers(options: ServersOptions): Servers {
  const { start, partitions, shards, recordsMax, onEntry, onRecords } = options;
  const clock = createSimulatedClock(start);
  return {
    clock,
    bus: createMemoryBusServer({ partitions, clock, onAppend: onRecords, retention: retentionOf(recordsMax) }),
    store: createMemoryStoreServer({ clock, shards, onAppend: onEntry }),
  };
}

const KEPT = { recordsMax: 1_000_000, ageMsMax: 10 * 365 * 86_400_000 };

const retentionOf = (recordsMax: number) => ({
  'crypto.market_data': { ...KEPT, recordsMax },
  'crypto.ml_signals': { ...KEPT, recordsMax },
  'crypto.commands': KEPT,
  'crypto.trades': KEPT,
  'crypto.dead_letter': KEPT,
  'crypto.health': { ...KEPT, recordsMax: 10 },
});
