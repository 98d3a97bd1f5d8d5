/** Start and crash recovery are the same: load the snapshot, replay the tail, go on at the stored positions. */
import type { Journal, JournalEntry, JournalHead, Snapshot, Store } from '@kairos/ports';
import type { Instant, SignalMark, World } from '@kairos/schema';
import { evolveEntry, forgetSignals, rememberSignals } from '../core/evolve.js';
import { readSignals, readSnapshot, writeSnapshot } from '../core/snapshot.js';
import type { EngineState } from '../core/state.js';
import { emptyState } from '../core/state.js';

/** Entries read at a time. */
const PAGE_ENTRIES = 500;

export interface Recovered {
  readonly state: EngineState;
  readonly head: JournalHead;
  readonly positions: Readonly<Record<string, number>>;
  /** Entries whose events are not known to have been published. */
  readonly unpublished: readonly JournalEntry[];
  readonly kept: KeptSnapshot;
}

/** A piece of a snapshot: the signals of the entries after `after` up to `through`. */
export interface Piece {
  readonly after: number;
  readonly through: number;
  /** The latest time of any of them. */
  readonly newest: Instant;
}

/** The snapshot that a state was begun with. */
export interface KeptSnapshot {
  /** 0 = none. */
  readonly entry: number;
  readonly pieces: readonly Piece[];
  /** Signals that are remembered and in no piece, as they were taken. */
  readonly unkept: readonly SignalMark[];
}

interface SnapshotText {
  readonly core: string;
  readonly positions: Readonly<Record<string, number>>;
  /** Left out in snapshots that hold all signals themselves. */
  readonly pieces?: readonly Piece[];
}

/** What a snapshot gives back. */
interface Restored {
  readonly entry: number;
  readonly state: EngineState;
  readonly positions: Readonly<Record<string, number>>;
  readonly pieces: readonly Piece[];
  readonly signals: readonly SignalMark[];
}

/** The state of a shard as its journal has it. */
export async function recover(store: Store, world: World, shard: number): Promise<Recovered> {
  const head = await store.journal.head(shard);
  const restored = await restore(store.journal, shard);
  const state = restored?.state ?? emptyState(world);
  const positions = { ...restored?.positions };
  const from = restored?.entry ?? 0;
  const signals = [...(restored?.signals ?? [])];
  const unpublished: JournalEntry[] = [];
  const begin = Math.min(from, await publishedThrough(store, head, shard));
  for await (const entry of entriesAfter(store.journal, shard, begin)) {
    if (entry.entry > from) {
      evolveEntry(state, entry);
      Object.assign(positions, entry.positions);
      for (const signal of entry.signals) signals.push(signal);
    }
    unpublished.push(entry);
    while (unpublished[0] && unpublished[0].entry <= entry.publishedThrough) unpublished.shift();
  }
  const unkept = signals.filter(({ id }) => state.signals.has(id));
  return { state, head, positions, unpublished, kept: { entry: from, pieces: restored?.pieces ?? [], unkept } };
}

/** Null where there is no snapshot, or none that can be read whole: the journal has everything. */
async function restore(journal: Journal, shard: number): Promise<Restored | null> {
  const snapshot = await journal.snapshot(shard);
  if (!snapshot) return null;
  const { core, positions, pieces = [] } = JSON.parse(snapshot.state) as SnapshotText;
  const state = readSnapshot(core);
  if (!state) return null;
  const signals = [...state.signals.values()];
  for (const { after, through } of pieces) {
    const text = await journal.snapshotPiece({ shard, after, through });
    if (text === null) return null;
    rememberSignals(state, readSignals(text));
  }
  forgetSignals(state);
  return { entry: snapshot.entry, state, positions, pieces, signals };
}

/** Up to which entry everything is known to have been published: it may be older than the snapshot. */
async function publishedThrough(store: Store, head: JournalHead, shard: number): Promise<number> {
  const [newest] = head.entry > 0 ? await store.journal.read(shard, head.entry - 1, 1) : [];
  return newest?.publishedThrough ?? 0;
}

/** What is kept as a snapshot. */
export const snapshotText = (state: EngineState, beside: Required<Omit<SnapshotText, 'core'>>): string =>
  JSON.stringify({ core: writeSnapshot(state, []), ...beside } satisfies SnapshotText);

/** The positions that a snapshot carries. */
export const positionsIn = ({ state }: Snapshot): Readonly<Record<string, number>> =>
  (JSON.parse(state) as SnapshotText).positions;

/** Every entry of a shard after `from`, in order. */
export async function* entriesAfter(
  journal: Pick<Journal, 'read'>,
  shard: number,
  from: number,
): AsyncIterable<JournalEntry> {
  let after = from;
  for (;;) {
    const page = await journal.read(shard, after, PAGE_ENTRIES);
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    after = last.entry;
  }
}
