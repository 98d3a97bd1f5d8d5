/**
 * Keeps snapshots beside the work of a shard, so often that a start never reads much of the journal. The signals that are
 * remembered for two days go into pieces, each written once: a snapshot takes no longer the more of them there are.
 */
import type { JournalEntry, Log, Store } from '@kairos/ports';
import { isPortError } from '@kairos/ports';
import type { SignalMark } from '@kairos/schema';
import type { Engine } from '../core/engine.js';
import { isForgotten } from '../core/evolve.js';
import { writeSignals } from '../core/snapshot.js';
import type { KeptSnapshot, Piece } from './recover.js';
import { snapshotText } from './recover.js';

/**
 * Entries, or events and signals in them, between two snapshots. All accounts are written each time, so that there may be
 * more events where there are more of them. A snapshot that could not be kept is tried again after so many entries.
 */
export const SNAPSHOT_ENTRIES = 2_000;
export const SNAPSHOT_RECORDS = 10_000;
const SNAPSHOT_RECORDS_PER_ACCOUNT = 10;
const SNAPSHOT_RETRY_ENTRIES = 100;
/** Shards that take the same signals begin so many records apart, so that not all are due at once. */
const STAGGER_RECORDS = SNAPSHOT_RECORDS / 8;

type Positions = Readonly<Record<string, number>>;

export interface SnapshotKeeper {
  /**
   * Notes an entry that has just been committed, and begins to keep a snapshot when one is due.
   *
   * @throws what kept an earlier one from being kept, unless that is worth another try
   */
  note(entry: JournalEntry, positions: Positions): void;
  /** Keeps a snapshot of the newest entry, for a quick start. */
  finish(positions: Positions): Promise<void>;
}

export function createSnapshotKeeper(
  deps: { readonly store: Store; readonly log: Log; readonly engine: Engine },
  { shard, entry, kept }: { readonly shard: number; readonly entry: number; readonly kept: KeptSnapshot },
): SnapshotKeeper {
  const { store, log, engine } = deps;
  const { journal } = store;
  const unkept: SignalMark[] = [...kept.unkept];
  let { entry: keptAt, pieces } = kept;
  let newest = entry;
  let dueAt = entry + SNAPSHOT_ENTRIES;
  let records = (shard * STAGGER_RECORDS) % SNAPSHOT_RECORDS;
  let keeping: Promise<void> | null = null;
  let failure: Error | null = null;

  const isDue = (): boolean =>
    newest >= dueAt || records >= SNAPSHOT_RECORDS + SNAPSHOT_RECORDS_PER_ACCOUNT * engine.state.accounts.size;

  /** What is written is the state of now: all of it is made before anything is waited for. */
  const keep = async (positions: Positions): Promise<void> => {
    const at = newest;
    const taken = [...unkept];
    const before = pieces;
    const next = [...stillNeeded(pieces, engine), ...(taken.length > 0 ? [pieceOf(taken, keptAt, at)] : [])];
    const text = writeSignals(taken);
    const state = snapshotText(engine.state, { positions, pieces: next });
    dueAt = at + SNAPSHOT_RETRY_ENTRIES;
    records = 0;
    if (taken.length > 0) await journal.saveSnapshotPiece({ shard, after: keptAt, through: at, text });
    await journal.saveSnapshot({ shard, entry: at, state });
    unkept.splice(0, taken.length);
    pieces = next;
    keptAt = at;
    dueAt = at + SNAPSHOT_ENTRIES;
    // The snapshot before this one is kept too.
    const oldest = before[0] ?? next[0];
    if (oldest) await journal.dropSnapshotPieces(shard, oldest.through);
  };

  const tryToKeep = async (positions: Positions): Promise<void> => {
    try {
      await keep(positions);
    } catch (error) {
      if (!isPortError(error) || !error.isRetriable) throw error;
      log.debug({ entry: newest, code: error.code }, `no snapshot can be kept now: ${error.message}`);
    }
  };

  return {
    note({ entry: committed, events, signals }, positions) {
      if (failure) throw failure;
      newest = committed;
      for (const signal of signals) unkept.push(signal);
      records += events.length + signals.length;
      if (keeping || !isDue()) return;
      keeping = tryToKeep(positions)
        .catch((error: unknown) => void (failure = error instanceof Error ? error : new Error(String(error))))
        .finally(() => (keeping = null));
    },
    async finish(positions) {
      await keeping;
      if (newest > keptAt) await tryToKeep(positions);
    },
  };
}

const pieceOf = (signals: readonly SignalMark[], after: number, through: number): Piece => ({
  after,
  through,
  newest: signals.reduce((newest, { time }) => (time > newest ? time : newest), signals[0]!.time),
});

/** From the first piece on of which a signal may still be remembered. */
function stillNeeded(pieces: readonly Piece[], { state }: Engine): readonly Piece[] {
  const first = pieces.findIndex(({ newest }) => !isForgotten(state, newest));
  return first === -1 ? [] : pieces.slice(first);
}
