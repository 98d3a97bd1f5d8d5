/** The journal's part of the store contract. */
import { describe, expect, it } from 'vitest';
import type { PortErrorCode } from '../errors.js';
import type { JournalEntry } from './journal.js';
import { createSampleBooks } from './sample-books.js';
import { createSampleJournal, NO_ROWS, sampleEntry, samplePriceBook, sampleTime } from './samples.js';
import type { OpenStoreUnderTest } from './store.contract.js';

export function journalContract(open: OpenStoreUnderTest): void {
  describe('journal', () => {
    appendContract(open);
    readContract(open);
    snapshotContract(open);
  });
}

function appendContract(open: OpenStoreUnderTest): void {
  it('is empty at first: entry 0, epoch 0, no owner', async () => {
    await using under = await open();
    const { journal } = await under.connect();
    expect(await journal.head(0)).toEqual({ entry: 0, epoch: 0, owner: null });
    expect(await journal.read(0, 0, 10)).toEqual([]);
  });

  it('shows an appended entry to every client at once', async () => {
    await using under = await open();
    const writer = await under.connect();
    const reader = await under.connect();
    const entry = sampleEntry({ owner: 'trader-7', epoch: 3 });
    await writer.journal.append(entry, NO_ROWS);
    expect(await reader.journal.head(0)).toEqual({ entry: 1, epoch: 3, owner: 'trader-7' });
    expect(await reader.journal.read(0, 0, 10)).toEqual([entry]);
  });

  it('takes a repeat of the same bytes for the same entry, by any client', async () => {
    await using under = await open();
    const a = await under.connect();
    const b = await under.connect();
    const entry = sampleEntry({ positions: { 'signals:0': 7, 'market:0': 9 } });
    await a.journal.append(entry, NO_ROWS);
    await b.journal.append({ ...entry, positions: { 'market:0': 9, 'signals:0': 7 } }, NO_ROWS);
    expect(await a.journal.read(0, 0, 10)).toEqual([entry]);
  });

  it('takes a repeat of an entry that others have followed', async () => {
    await using under = await open();
    const { journal } = await under.connect();
    const entries = [1, 2, 3].map((entry) => sampleEntry({ entry }));
    for (const entry of entries) await journal.append(entry, NO_ROWS);
    await journal.append(entries[0]!, NO_ROWS);
    expect(await journal.head(0)).toMatchObject({ entry: 3 });
  });

  const refusals: readonly [string, Partial<JournalEntry>, PortErrorCode][] = [
    ['another entry under a number that is taken', { entry: 2, owner: 'trader-b' }, 'FENCED'],
    ['an entry of an epoch that is over', { entry: 3, epoch: 1 }, 'FENCED'],
    ['an entry that leaves a gap', { entry: 4 }, 'CONFLICT'],
    ['an entry without a number', { entry: 0 }, 'INVALID'],
    [
      'an entry that opens an account without its mark',
      { entry: 3, events: [createSampleBooks().opened()] },
      'INVALID',
    ],
  ];
  it.each(refusals)('refuses %s and changes nothing', async (_, fields, code) => {
    await using under = await open();
    const { journal, readModels } = await under.connect();
    for (const entry of [1, 2]) await journal.append(sampleEntry({ entry, epoch: 2 }), NO_ROWS);
    const version = await readModels.version();
    await expect(journal.append(sampleEntry({ epoch: 2, ...fields }), NO_ROWS)).rejects.toMatchObject({ code });
    expect(await journal.head(0)).toEqual({ entry: 2, epoch: 2, owner: 'trader-a' });
    expect(await readModels.accounts()).toEqual([]);
    expect(await readModels.version()).toBe(version);
  });

  it('lets one of two owners through who append at the same time', async () => {
    await using under = await open();
    const stores = [await under.connect(), await under.connect(), await under.connect()];
    const results = await Promise.allSettled(
      stores.map((store, index) => store.journal.append(sampleEntry({ owner: `trader-${index}` }), NO_ROWS)),
    );
    const refused = results.filter((result) => result.status === 'rejected').map((result) => result.reason as object);
    expect(refused).toMatchObject([{ code: 'FENCED' }, { code: 'FENCED' }]);
    expect(await stores[0]!.journal.head(0)).toMatchObject({ entry: 1 });
  });
}

function readContract(open: OpenStoreUnderTest): void {
  it('gives back every part of an entry as it was written', async () => {
    await using under = await open();
    const { journal } = await under.connect();
    const books = createSampleBooks();
    const events = [books.opened(), books.buys('BTCUSDT', 1), books.denies('ETHUSDT', 2)];
    const entry = createSampleJournal().next({
      events: [...events, books.sells('BTCUSDT', 3, { pnl: '-1.00000001' })],
      prices: [samplePriceBook('BTCUSDT', '68234.123456789012', 3)],
      signals: [{ id: 'sig-1', time: sampleTime(1), content: '{"a":1}' }],
      deadLetters: [
        {
          topic: 'crypto.ml_signals',
          partition: 1,
          offset: 2,
          key: null,
          value: 'x',
          reason: 'no',
          time: sampleTime(1),
        },
      ],
      notes: {
        hasPredictor: true,
        firstSignalWaitEndedAt: sampleTime(1),
        feedEndedAt: null,
        round: { closeAt: sampleTime(3), isComplete: true, awaiting: ['ETHUSDT'] },
        partial: [{ kind: 'SIGNAL', id: 'signal-1', next: 256, end: 1_000 }],
      },
      publishedThrough: 0,
    });
    await journal.append(entry, NO_ROWS);
    expect(await journal.read(0, 0, 1)).toEqual([entry]);
  });

  it('reads on after an entry, in order, up to a limit', async () => {
    await using under = await open();
    const { journal } = await under.connect();
    for (let entry = 1; entry <= 12; entry++) await journal.append(sampleEntry({ entry }), NO_ROWS);
    const numbers = async (after: number, limit: number) =>
      (await journal.read(0, after, limit)).map((entry) => entry.entry);
    expect(await numbers(0, 5)).toEqual([1, 2, 3, 4, 5]);
    expect(await numbers(9, 5)).toEqual([10, 11, 12]);
    expect(await numbers(12, 5)).toEqual([]);
  });

  it('keeps shards apart', async () => {
    await using under = await open();
    const { journal } = await under.connect();
    await journal.append(sampleEntry({ shard: 0, owner: 'a' }), NO_ROWS);
    await journal.append(sampleEntry({ shard: 5, owner: 'b', epoch: 4 }), NO_ROWS);
    expect(await journal.head(0)).toEqual({ entry: 1, epoch: 1, owner: 'a' });
    expect(await journal.head(5)).toEqual({ entry: 1, epoch: 4, owner: 'b' });
    expect(await journal.head(1)).toMatchObject({ entry: 0 });
    expect((await journal.read(5, 0, 10)).map((entry) => entry.owner)).toEqual(['b']);
  });
}

function snapshotContract(open: OpenStoreUnderTest): void {
  it('answers the newest snapshot of a shard, whatever the order in which they were saved', async () => {
    await using under = await open();
    const { journal } = await under.connect();
    expect(await journal.snapshot(0)).toBeNull();
    for (const entry of [10, 30, 20]) await journal.saveSnapshot({ shard: 0, entry, state: `state at ${entry} ✓` });
    await journal.saveSnapshot({ shard: 1, entry: 99, state: 'other' });
    expect(await journal.snapshot(0)).toEqual({ shard: 0, entry: 30, state: 'state at 30 ✓' });
  });

  it('keeps the pieces of snapshots until they are dropped, the last one of a name', async () => {
    await using under = await open();
    const { journal } = await under.connect();
    const piece = (after: number, through: number, shard = 0) => ({ shard, after, through });
    expect(await journal.snapshotPiece(piece(0, 10))).toBeNull();
    const pieces = [piece(0, 10), piece(10, 30), piece(10, 20), piece(0, 10, 1)];
    for (const each of pieces) await journal.saveSnapshotPiece({ ...each, text: 'before' });
    for (const each of pieces) await journal.saveSnapshotPiece({ ...each, text: `after ${each.after} ✓` });
    expect(await journal.snapshotPiece(piece(10, 20))).toBe('after 10 ✓');
    await journal.dropSnapshotPieces(0, 20);
    const texts = await Promise.all(pieces.map((each) => journal.snapshotPiece(each)));
    expect(texts).toEqual([null, 'after 10 ✓', 'after 10 ✓', 'after 0 ✓']);
  });

  it('refuses every call after close', async () => {
    await using under = await open();
    const store = await under.connect();
    const other = await under.connect();
    await store.close();
    await store.close();
    await expect(store.journal.append(sampleEntry(), NO_ROWS)).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(store.readModels.accounts()).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(store.app.users.list()).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(store.ping()).rejects.toMatchObject({ code: 'CLOSED' });
    await other.ping();
    expect(await other.journal.head(0)).toMatchObject({ entry: 0 });
  });
}
