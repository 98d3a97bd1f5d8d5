/** How far a shard has read, from its journal alone: without its state, and without owning it. */
import type { Journal } from '@kairos/ports';
import { entriesAfter, positionsIn } from './recover.js';

/** The next offset to take per cursor, as of the newest entry. */
export async function positionsOf(
  journal: Pick<Journal, 'read' | 'snapshot'>,
  shard: number,
): Promise<Readonly<Record<string, number>>> {
  const snapshot = await journal.snapshot(shard);
  const positions: Record<string, number> = { ...(snapshot && positionsIn(snapshot)) };
  for await (const entry of entriesAfter(journal, shard, snapshot?.entry ?? 0))
    Object.assign(positions, entry.positions);
  return positions;
}
