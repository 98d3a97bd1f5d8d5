/** The journal of the memory store: entries as bytes, as every durable adapter keeps them. */
import { checkAppend } from '../append-rules.js';
import { decodeEntry, encodeEntry } from '../entry-codec.js';
import type { JournalEntry, JournalHead, Snapshot, SnapshotPiece } from '../journal.js';
import { SNAPSHOTS_KEPT } from '../retention.js';

interface StoredEntry extends JournalHead {
  readonly bytes: Uint8Array;
}

export interface MemoryJournal {
  head(shard: number): JournalHead;
  /** True when the entry is new, false when it was there already. @throws PortError as `Journal.append` */
  append(entry: JournalEntry): boolean;
  read(shard: number, afterEntry: number, limit: number): JournalEntry[];
  snapshot(shard: number): Snapshot | null;
  saveSnapshot(snapshot: Snapshot): void;
  snapshotPiece(piece: Omit<SnapshotPiece, 'text'>): string | null;
  saveSnapshotPiece(piece: SnapshotPiece): void;
  dropSnapshotPieces(shard: number, before: number): void;
}

export function createMemoryJournal(): MemoryJournal {
  const shards = new Map<number, StoredEntry[]>();
  const snapshots = new Map<number, Snapshot[]>();
  const pieces = new Map<string, SnapshotPiece>();
  const nameOf = ({ shard, after, through }: Omit<SnapshotPiece, 'text'>): string => `${shard}:${after}:${through}`;

  const entriesOf = (shard: number): StoredEntry[] => {
    const entries = shards.get(shard) ?? [];
    shards.set(shard, entries);
    return entries;
  };

  const head = (shard: number): JournalHead => {
    const { entry, epoch, owner } = entriesOf(shard).at(-1) ?? { entry: 0, epoch: 0, owner: null };
    return { entry, epoch, owner };
  };

  return {
    head,
    append(entry) {
      const bytes = encodeEntry(entry);
      const stored = entriesOf(entry.shard)[entry.entry - 1]?.bytes ?? null;
      if (!checkAppend(entry, { head: head(entry.shard), stored, bytes })) return false;
      entriesOf(entry.shard).push({ entry: entry.entry, epoch: entry.epoch, owner: entry.owner, bytes });
      return true;
    },
    read(shard, afterEntry, limit) {
      return entriesOf(shard)
        .slice(afterEntry, afterEntry + limit)
        .map((stored) => decodeEntry(stored.bytes));
    },
    snapshot: (shard) => snapshots.get(shard)?.at(-1) ?? null,
    saveSnapshot(snapshot) {
      const others = (snapshots.get(snapshot.shard) ?? []).filter((other) => other.entry !== snapshot.entry);
      const all = [...others, snapshot].sort((a, b) => a.entry - b.entry);
      snapshots.set(snapshot.shard, all.slice(-SNAPSHOTS_KEPT));
    },
    snapshotPiece: (piece) => pieces.get(nameOf(piece))?.text ?? null,
    saveSnapshotPiece: (piece) => void pieces.set(nameOf(piece), piece),
    dropSnapshotPieces(shard, before) {
      for (const [name, piece] of pieces) if (piece.shard === shard && piece.through < before) pieces.delete(name);
    },
  };
}
