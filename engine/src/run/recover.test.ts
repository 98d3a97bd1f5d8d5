/** Start and recovery: what a snapshot lets a start pass over, and what it does not. */
import { createMemoryStoreServer, NO_ROWS, sampleEntry } from '@kairos/ports/testing';
import { describe, expect, it } from 'vitest';
import { emptyState } from '../core/state.js';
import { recover, snapshotText } from './recover.js';

const WORLD = 'EXCHANGE:test';

describe('recovery', () => {
  it.each([
    { snapshotAt: 4, publishedThrough: 1, unpublished: [2, 3, 4] },
    { snapshotAt: 2, publishedThrough: 3, unpublished: [4] },
    { snapshotAt: 4, publishedThrough: 3, unpublished: [4] },
    { snapshotAt: null, publishedThrough: 0, unpublished: [1, 2, 3, 4] },
  ])(
    'knows that entries $unpublished may not be published, whatever the snapshot at $snapshotAt spares it',
    async ({ snapshotAt, publishedThrough, unpublished }) => {
      const store = createMemoryStoreServer().connect();
      for (let entry = 1; entry <= 4; entry++) {
        const published = Math.min(publishedThrough, entry - 1);
        await store.journal.append(sampleEntry({ entry, publishedThrough: published, events: [], marks: [] }), NO_ROWS);
      }
      if (snapshotAt !== null) {
        const state = snapshotText(emptyState(WORLD), { positions: { 'crypto.commands:0': snapshotAt }, pieces: [] });
        await store.journal.saveSnapshot({ shard: 0, entry: snapshotAt, state });
      }
      const recovered = await recover(store, WORLD, 0);
      expect(recovered.unpublished.map(({ entry }) => entry)).toEqual(unpublished);
    },
  );
});
