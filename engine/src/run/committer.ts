/**
 * Appends what a batch holds as one journal entry. Nothing is acknowledged but by this: the positions of all inputs
 * travel in the entry, so a crash anywhere is healed by loading snapshot and tail and going on.
 */
import type { Clock, JournalEntry, Log, Store } from '@kairos/ports';
import { isPortError } from '@kairos/ports';
import type { Engine } from '../core/engine.js';
import { appendUntilKnown } from './append.js';
import type { Batch } from './batch.js';
import type { Intake } from './intake.js';
import type { Outbox } from './outbox.js';
import type { Recovered } from './recover.js';
import { snapshotText } from './recover.js';
import { logEvent } from './trade-log.js';

/**
 * Entries, or events and signals in them, between two snapshots: a start reads so much of the journal at most, unless a
 * snapshot could not be kept. Then it is tried again after so many entries.
 */
export const SNAPSHOT_ENTRIES = 2_000;
export const SNAPSHOT_RECORDS = 50_000;
const SNAPSHOT_RETRY_ENTRIES = 100;

export interface CommitterDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly engine: Engine;
  readonly intake: Pick<Intake, 'positions'>;
  readonly outbox: Pick<Outbox, 'add' | 'publishedThrough'>;
}

export interface CommitterOptions {
  readonly shard: number;
  readonly owner: string;
  /** Where the journal stood when this owner took over. */
  readonly recovered: Pick<Recovered, 'head' | 'positions'>;
}

export interface Committer {
  /**
   * Commits a batch. False when the signal aborted before the outcome was known: the state may then be ahead of the
   * journal, so nothing more is committed and no snapshot is kept of it.
   *
   * @throws PortError FENCED when another owner has taken over.
   */
  commit(batch: Batch, signal: AbortSignal): Promise<boolean>;
  /** Keeps a snapshot of what has been committed, for a quick start. */
  finish(): Promise<void>;
  /** The newest entry. */
  entry(): number;
  /** Why nothing can be committed, in words; null while it can. */
  trouble(): string | null;
}

export function createCommitter(deps: CommitterDeps, { shard, owner, recovered }: CommitterOptions): Committer {
  const { store, clock, log, engine, intake, outbox } = deps;
  const epoch = recovered.head.epoch + 1;
  let entry = recovered.head.entry;
  let snapshotAt = entry;
  let snapshotDueAt = entry + SNAPSHOT_ENTRIES;
  let records = 0;
  let committed = recovered.positions;
  let trouble: string | null = null;
  let isLost = false;
  const onTrouble = (reason: string | null): void => {
    trouble = reason;
  };

  const entryOf = (batch: Batch, positions: Readonly<Record<string, number>>): JournalEntry => ({
    shard,
    entry: entry + 1,
    epoch,
    owner,
    worldTime: engine.state.now,
    committedAt: clock.now(),
    positions: moved(committed, positions),
    events: batch.events,
    ...engine.takeChanges(),
    deadLetters: batch.deadLetters,
    notes: engine.state.notes,
    publishedThrough: outbox.publishedThrough(),
  });

  const keepSnapshot = async (): Promise<void> => {
    snapshotDueAt = entry + SNAPSHOT_RETRY_ENTRIES;
    records = 0;
    try {
      await store.journal.saveSnapshot({ shard, entry, state: snapshotText(engine.state, committed) });
    } catch (error) {
      if (!isPortError(error) || !error.isRetriable) throw error;
      log.debug({ entry, code: error.code }, `no snapshot can be kept now: ${error.message}`);
      return;
    }
    snapshotAt = entry;
    snapshotDueAt = entry + SNAPSHOT_ENTRIES;
  };

  return {
    async commit(batch, signal) {
      if (isLost) return false;
      const positions = intake.positions();
      const next = entryOf(batch, positions);
      const what = { entry: next, rows: batch.rows() };
      isLost = !(await appendUntilKnown({ store, clock, log, onTrouble }, what, signal));
      if (isLost) return false;
      entry = next.entry;
      committed = positions;
      outbox.add(next);
      for (const event of next.events) logEvent(log, event);
      records += next.events.length + next.signals.length;
      if (entry >= snapshotDueAt || records >= SNAPSHOT_RECORDS) await keepSnapshot();
      return true;
    },
    async finish() {
      if (!isLost && entry > snapshotAt) await keepSnapshot();
    },
    entry: () => entry,
    trouble: () => trouble,
  };
}

/** Cursors whose position differs from what was committed. */
function moved(
  before: Readonly<Record<string, number>>,
  now: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(now).filter(([cursor, offset]) => before[cursor] !== offset));
}
