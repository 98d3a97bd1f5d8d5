/**
 * Appends what a batch holds as one journal entry. Nothing is acknowledged but by this: the positions of all inputs
 * travel in the entry, so a crash anywhere is healed by loading snapshot and tail and going on.
 */
import type { Clock, JournalEntry, Log, Store } from '@kairos/ports';
import type { Engine } from '../core/engine.js';
import { appendUntilKnown } from './append.js';
import type { Batch } from './batch.js';
import type { Intake } from './intake.js';
import type { Outbox } from './outbox.js';
import type { Recovered } from './recover.js';
import { createSnapshotKeeper } from './snapshot-keeper.js';
import { logEvent } from './trade-log.js';

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
  readonly recovered: Pick<Recovered, 'head' | 'positions' | 'kept'>;
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
  const snapshots = createSnapshotKeeper(deps, { shard, entry, kept: recovered.kept });
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
      snapshots.note(next, committed);
      return true;
    },
    async finish() {
      if (!isLost) await snapshots.finish(committed);
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
