/** Start and crash recovery are the same: load the snapshot, replay the tail, go on at the stored positions. */
import type { Journal, JournalEntry, JournalHead, Snapshot, Store } from '@kairos/ports';
import type { World } from '@kairos/schema';
import { evolveEntry } from '../core/evolve.js';
import { readSnapshot, writeSnapshot } from '../core/snapshot.js';
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
}

interface SnapshotText {
  readonly core: string;
  readonly positions: Readonly<Record<string, number>>;
}

/** The state of a shard as its journal has it. */
export async function recover(store: Store, world: World, shard: number): Promise<Recovered> {
  const head = await store.journal.head(shard);
  const snapshot = await store.journal.snapshot(shard);
  const text = snapshot ? (JSON.parse(snapshot.state) as SnapshotText) : null;
  const restored = text ? readSnapshot(text.core) : null;
  const state = restored ?? emptyState(world);
  const positions: Record<string, number> = restored && text ? { ...text.positions } : {};
  const from = restored && snapshot ? snapshot.entry : 0;
  const unpublished: JournalEntry[] = [];
  const begin = Math.min(from, await publishedThrough(store, head, shard));
  for await (const entry of entriesAfter(store.journal, shard, begin)) {
    if (entry.entry > from) {
      evolveEntry(state, entry);
      Object.assign(positions, entry.positions);
    }
    unpublished.push(entry);
    while (unpublished[0] && unpublished[0].entry <= entry.publishedThrough) unpublished.shift();
  }
  return { state, head, positions, unpublished };
}

/** Up to which entry everything is known to have been published: it may be older than the snapshot. */
async function publishedThrough(store: Store, head: JournalHead, shard: number): Promise<number> {
  const [newest] = head.entry > 0 ? await store.journal.read(shard, head.entry - 1, 1) : [];
  return newest?.publishedThrough ?? 0;
}

/** What is kept as a snapshot. */
export const snapshotText = (state: EngineState, positions: Readonly<Record<string, number>>): string =>
  JSON.stringify({ core: writeSnapshot(state), positions } satisfies SnapshotText);

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
