/** Snapshots: kept so often that a start never reads much of the journal. */
import { silentLog } from '@kairos/ports';
import { createMemoryStoreServer, createSimulatedClock } from '@kairos/ports/testing';
import type { Instant, SignalMark } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../core/engine.js';
import { RULES } from '../core/scenario.fixture.js';
import { emptyState } from '../core/state.js';
import { createBatch } from './batch.js';
import { createCommitter, SNAPSHOT_ENTRIES, SNAPSHOT_RECORDS } from './committer.js';

const WORLD = 'EXCHANGE:test';
const START = 1_700_000_000_000 as Instant;

/** Commits entries with so many signals each; the entries of the snapshots that were kept. */
async function snapshotsOf(entries: number, signalsEach: number): Promise<number[]> {
  const clock = createSimulatedClock(START);
  const store = createMemoryStoreServer().connect();
  const engine = createEngine(emptyState(WORLD), RULES);
  const signals = Array.from({ length: signalsEach }, (_, i): SignalMark => ({
    id: `s${i}`,
    time: START,
    content: '',
  }));
  const kept: number[] = [];
  const journal = {
    ...store.journal,
    saveSnapshot: async ({ entry }: { readonly entry: number }) => void kept.push(entry),
  };
  const committer = createCommitter(
    {
      store: { ...store, journal },
      clock,
      log: silentLog,
      engine: { ...engine, takeChanges: () => ({ prices: [], marks: [], signals }) },
      intake: { positions: () => ({}) },
      outbox: { add() {}, publishedThrough: () => 0 },
    },
    { shard: 0, owner: 'test', recovered: { head: { entry: 0, epoch: 0, owner: null }, positions: {} } },
  );
  for (let entry = 0; entry < entries; entry++) {
    await committer.commit(createBatch(engine.changedBytes), new AbortController().signal);
  }
  return kept;
}

describe('a snapshot is kept', () => {
  it('after so many entries, however little stands in them', async () => {
    expect(await snapshotsOf(2 * SNAPSHOT_ENTRIES + 1, 0)).toEqual([SNAPSHOT_ENTRIES, 2 * SNAPSHOT_ENTRIES]);
  });

  it('after so many signals and events, however few entries they stand in', async () => {
    expect(await snapshotsOf(7, SNAPSHOT_RECORDS / 2)).toEqual([2, 4, 6]);
  });
});
