/** The journal: the one ordered truth of a world. State, tables and charts are folds of it. */
import type { AccountMark, DeadLetter, Instant, PriceBook, SignalMark, TradingEvent, WorldNotes } from '@kairos/schema';

export type { AccountMark, LockStepRound, SignalMark, WorldNotes } from '@kairos/schema';

/** What one commit took and what came of it. One writer per shard; unique by (shard, entry). */
export interface JournalEntry {
  readonly shard: number;
  /** Counts from 1 without a gap. */
  readonly entry: number;
  /** Counts a shard's owners; a new owner's first entry carries the next one and no inputs. */
  readonly epoch: number;
  /** The owner's instance name. */
  readonly owner: string;
  /** World time after the entry; null before the first price. */
  readonly worldTime: Instant | null;
  /** Wall time. */
  readonly committedAt: Instant;
  /** Next offset to take per input cursor, of every cursor that moved. */
  readonly positions: Readonly<Record<string, number>>;
  readonly events: readonly TradingEvent[];
  /** Price books that changed, as they are after the entry. */
  readonly prices: readonly PriceBook[];
  /** Account figures that no event carries, of accounts where they changed, as they are after the entry. */
  readonly marks: readonly AccountMark[];
  /** Signals taken, to know a repeated one by its id. */
  readonly signals: readonly SignalMark[];
  readonly deadLetters: readonly DeadLetter[];
  readonly notes: WorldNotes;
  /** Every event and dead letter up to this entry is known to have been published. */
  readonly publishedThrough: number;
}

/** A shard's state at an entry, as the core wrote it. */
export interface Snapshot {
  readonly shard: number;
  readonly entry: number;
  readonly state: string;
}

/**
 * What entries hold that snapshots need for long, after `after` up to `through`: kept once, while every snapshot that
 * needs it only names it. The same two entries stand for the same text.
 */
export interface SnapshotPiece {
  readonly shard: number;
  readonly after: number;
  readonly through: number;
  readonly text: string;
}

/** What is told of a piece that a snapshot names and that is missing or damaged. */
export const UNREADABLE_PIECE = 'a part of the snapshot cannot be read: the whole journal is read instead';

/** Who owns a shard, and how far its journal is. Entry and epoch 0 where the journal is empty. */
export interface JournalHead {
  readonly entry: number;
  readonly epoch: number;
  readonly owner: string | null;
}
