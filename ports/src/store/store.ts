/** The store: a world's journal and read models, and what the API keeps for people. */
import type { AppStore } from './app-store.js';
import type { JournalEntry, JournalHead, Snapshot, SnapshotPiece } from './journal.js';
import type { ReadModelRows, ReadModels } from './read-models.js';

export interface Journal {
  head(shard: number): Promise<JournalHead>;
  /**
   * The one atomic commit. Resolved when durable; read models show it then or soon after, never before.
   *
   * @throws PortError FENCED when the entry's number exists with other bytes: another owner has taken over.
   *   A repeat with the same bytes resolves.
   * @throws PortError TIMEOUT or UNAVAILABLE: outcome unknown; repeat with the same bytes.
   */
  append(entry: JournalEntry, rows: ReadModelRows): Promise<void>;
  /** Entries of a shard after `afterEntry` in order, at most `limit`. @throws PortError CORRUPT */
  read(shard: number, afterEntry: number, limit: number): Promise<readonly JournalEntry[]>;
  /** The newest snapshot of a shard. */
  snapshot(shard: number): Promise<Snapshot | null>;
  /** Keeps a snapshot, and the one before it. */
  saveSnapshot(snapshot: Snapshot): Promise<void>;
  /** The text of a piece; null when it is not there or cannot be read. */
  snapshotPiece(piece: Omit<SnapshotPiece, 'text'>): Promise<string | null>;
  saveSnapshotPiece(piece: SnapshotPiece): Promise<void>;
  /** Forgets the pieces of a shard whose last entry lies before this one. */
  dropSnapshotPieces(shard: number, before: number): Promise<void>;
}

export interface Store {
  /** Shards that the world's accounts fall into, from 0; the same as long as the store exists. */
  readonly shards: number;
  readonly journal: Journal;
  readonly readModels: ReadModels;
  readonly app: AppStore;
  /** Resolves when the store answers. @throws PortError UNAVAILABLE */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** What the API keeps for people, opened without a world. */
export interface OpenApp {
  readonly app: AppStore;
  close(): Promise<void>;
}
