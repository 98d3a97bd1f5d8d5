/** How far a shard has read, from its journal alone: without its state, and without owning it. */
import type { Journal } from '@kairos/ports';
import { entriesAfter, positionsIn } from './recover.js';

/** Entries looked at behind a snapshot: whatever is read all the time has moved in them. */
const ENTRIES_MAX = 200;

/**
 * The next offset to take per cursor. What moved last before the newest ENTRIES_MAX entries is told as the snapshot before
 * them has it: never too far, and short by no more than came since.
 */
export async function positionsOf(
  journal: Pick<Journal, 'head' | 'read' | 'snapshot'>,
  shard: number,
): Promise<Readonly<Record<string, number>>> {
  const snapshot = await journal.snapshot(shard);
  const { entry: newest } = await journal.head(shard);
  const from = snapshot ? Math.max(snapshot.entry, newest - ENTRIES_MAX) : 0;
  const positions: Record<string, number> = { ...(snapshot && positionsIn(snapshot)) };
  for await (const entry of entriesAfter(journal, shard, from)) Object.assign(positions, entry.positions);
  return positions;
}
