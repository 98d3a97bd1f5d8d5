import { createMemoryStoreServer, createSampleJournal, NO_ROWS } from '@kairos/ports/testing';
import { describe, expect, it } from 'vitest';
import { positionsOf } from './positions.js';

/** A journal of so many entries: the first moves `quiet`, and every one moves `busy` to its own number. */
async function journalOf(entries: number, snapshotAt: number | null) {
  const store = createMemoryStoreServer().connect();
  const sample = createSampleJournal();
  for (let entry = 1; entry <= entries; entry++) {
    const positions = { busy: entry, ...(entry === 1 && { quiet: 7 }), ...(entry === 3 && { late: 9 }) };
    await store.journal.append(sample.next({ positions }), NO_ROWS);
  }
  if (snapshotAt !== null) {
    const state = JSON.stringify({ core: '', positions: { busy: snapshotAt, quiet: 7 } });
    await store.journal.saveSnapshot({ shard: 0, entry: snapshotAt, state });
  }
  return store.journal;
}

describe('how far a shard has read', () => {
  it.each([
    ['nothing yet', 0, null, {}],
    ['no snapshot: every entry counts', 450, null, { busy: 450, quiet: 7, late: 9 }],
    ['a snapshot and the few entries behind it', 5, 2, { busy: 5, quiet: 7, late: 9 }],
    ['a snapshot at the newest entry', 5, 5, { busy: 5, quiet: 7 }],
    ['a snapshot long ago: what is quiet is told as it was then', 450, 2, { busy: 450, quiet: 7 }],
  ])('%s', async (_name, entries, snapshotAt, expected) => {
    expect(await positionsOf(await journalOf(entries, snapshotAt), 0)).toEqual(expected);
  });
});
