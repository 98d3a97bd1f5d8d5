/** Snapshots: kept so often that a start never reads much of the journal, and beside the work. */
import type { Journal, Store } from '@kairos/ports';
import { PortError, silentLog } from '@kairos/ports';
import { createMemoryStoreServer, createSimulatedClock } from '@kairos/ports/testing';
import type { Instant } from '@kairos/schema';
import { DAY_MS, parsePrice } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../core/engine.js';
import { RULES } from '../core/scenario.fixture.js';
import { writeSnapshot } from '../core/snapshot.js';
import { createBatch } from './batch.js';
import { createCommitter } from './committer.js';
import { recover } from './recover.js';
import { SNAPSHOT_ENTRIES, SNAPSHOT_RECORDS } from './snapshot-keeper.js';

const WORLD = 'EXCHANGE:test';
const START = 1_700_000_000_000 as Instant;
const SHARD = 0;

/** An owner of a shard that goes on from what the store holds. */
async function owner(store: Store) {
  const clock = createSimulatedClock(START);
  const recovered = await recover(store, WORLD, SHARD);
  const engine = createEngine(recovered.state, RULES);
  const committer = createCommitter(
    {
      store,
      clock,
      log: silentLog,
      engine,
      intake: { positions: () => ({}) },
      outbox: { add() {}, publishedThrough: () => 0 },
    },
    { shard: SHARD, owner: 'test', recovered },
  );
  let signals = 0;
  return {
    text: () => writeSnapshot(engine.state),
    finish: () => committer.finish(),
    /** Commits an entry in which so many new signals are taken. */
    async commit(count: number, at = START): Promise<void> {
      const batch = createBatch(engine.changedBytes);
      for (let taken = 0; taken < count; taken++) {
        const id = `signal-${at}-${signals++}`;
        engine.step({ kind: 'signal', wall: at, signal: { ...SIGNAL, id, time: at } });
      }
      await committer.commit(batch, new AbortController().signal);
    },
  };
}

const SIGNAL = {
  symbol: 'BTCUSDT',
  action: 'HOLD' as const,
  confidence: 0.8,
  price: parsePrice('100'),
  source: 'test',
  horizonSeconds: null,
  votes: null,
};

/** A store, and what is told of the snapshots and pieces kept in it; `change` has a say in its journal. */
function storeUnder(change: (journal: Journal) => Partial<Journal> = () => ({})) {
  const store = createMemoryStoreServer().connect();
  const snapshots: { readonly entry: number; readonly bytes: number }[] = [];
  const pieces: string[] = [];
  const journal: Journal = { ...store.journal, ...change(store.journal) };
  const watched: Journal = {
    ...journal,
    async saveSnapshot(snapshot) {
      await journal.saveSnapshot(snapshot);
      snapshots.push({ entry: snapshot.entry, bytes: snapshot.state.length });
    },
    async saveSnapshotPiece(piece) {
      await journal.saveSnapshotPiece(piece);
      pieces.push(`${piece.after}-${piece.through}`);
    },
  };
  return {
    store: { ...store, journal: watched },
    snapshots,
    pieces,
    entries: () => snapshots.map(({ entry }) => entry),
  };
}

/** Lets what was begun beside the commits go on. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

describe('a snapshot is kept', () => {
  it('after so many entries, however little stands in them', async () => {
    const { store, entries } = storeUnder();
    const { commit } = await owner(store);
    for (let entry = 0; entry <= 2 * SNAPSHOT_ENTRIES; entry++) await commit(0);
    await settle();
    expect(entries()).toEqual([SNAPSHOT_ENTRIES, 2 * SNAPSHOT_ENTRIES]);
  });

  it('after so many signals and events, however few entries they stand in', async () => {
    const { store, entries } = storeUnder();
    const { commit } = await owner(store);
    for (let entry = 0; entry < 7; entry++) {
      await commit(SNAPSHOT_RECORDS / 2);
      await settle();
    }
    expect(entries()).toEqual([2, 4, 6]);
  });

  it('beside the work: nothing waits for a store that takes its time', async () => {
    const { store, entries } = storeUnder(() => ({ saveSnapshot: () => new Promise(() => undefined) }));
    const { commit } = await owner(store);
    for (let entry = 0; entry < 3; entry++) await commit(SNAPSHOT_RECORDS);
    expect(entries()).toEqual([]);
    expect(await store.journal.head(SHARD)).toMatchObject({ entry: 3 });
  });

  it('again soon where it could not be kept, with all that has been taken by then', async () => {
    let isDown = true;
    const { store, entries } = storeUnder((journal) => ({
      saveSnapshot: async (snapshot) => {
        if (isDown) throw new PortError('UNAVAILABLE', 'down');
        await journal.saveSnapshot(snapshot);
      },
    }));
    const first = await owner(store);
    await first.commit(SNAPSHOT_RECORDS);
    await settle();
    isDown = false;
    for (let entry = 0; entry < 100; entry++) await first.commit(1);
    await settle();
    expect(entries()).toEqual([101]);
    expect((await owner(store)).text()).toBe(first.text());
  });

  it('or its owner is told at the next commit why none can be', async () => {
    const { store } = storeUnder(() => ({
      saveSnapshot: () => Promise.reject(new PortError('INVALID', 'no such place')),
    }));
    const { commit } = await owner(store);
    await commit(SNAPSHOT_RECORDS);
    await settle();
    await expect(commit(1)).rejects.toMatchObject({ code: 'INVALID' });
  });
});

describe('remembered signals', () => {
  it('are written once, in pieces, and come back in the order in which they were taken', async () => {
    const { store, snapshots, pieces } = storeUnder();
    const first = await owner(store);
    for (let entry = 0; entry < 3; entry++) {
      await first.commit(SNAPSHOT_RECORDS);
      await settle();
    }
    await first.commit(1);
    expect(pieces).toEqual(['0-1', '1-2', '2-3']);
    expect(snapshots.at(-1)!.bytes).toBeLessThan(2_000);
    const second = await owner(store);
    expect(second.text()).toBe(first.text());
    await second.commit(1);
    await second.finish();
    expect(pieces.at(-1)).toBe('3-5');
    expect((await owner(store)).text()).toBe(second.text());
  });

  it('leave no pieces behind when they are forgotten, but for those of the snapshot before', async () => {
    const { store } = storeUnder();
    const { commit, text } = await owner(store);
    for (let day = 0; day < 6; day++) {
      await commit(SNAPSHOT_RECORDS, (START + day * DAY_MS) as Instant);
      await settle();
    }
    const pieceOf = (entry: number) => store.journal.snapshotPiece({ shard: SHARD, after: entry - 1, through: entry });
    const kept = await Promise.all([1, 2, 3, 4, 5, 6].map(pieceOf));
    expect(kept.map((piece) => piece !== null)).toEqual([false, false, true, true, true, true]);
    expect((await owner(store)).text()).toBe(text());
  });

  it('are read from the journal where a piece cannot be read', async () => {
    const { store } = storeUnder(() => ({ snapshotPiece: () => Promise.resolve(null) }));
    const first = await owner(store);
    await first.commit(SNAPSHOT_RECORDS);
    await first.commit(1);
    await settle();
    const second = await owner(store);
    expect(second.text()).toBe(first.text());
    await second.commit(1);
    await second.finish();
    expect((await owner(store)).text()).toBe(second.text());
  });
});
