/** What was damaged or changed by hand is found when it is read; what comes from outside is never taken for an operator. */
import { Binary } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Instant } from '@kairos/schema';
import { createSampleBooks } from '../sample-books.js';
import { createSampleJournal, NO_ROWS, SAMPLE_WALL_TIME, sampleEntry } from '../samples.js';
import type { TestDatabase } from './test-database.contract.js';
import { createDatabase } from './test-database.contract.js';

let database: TestDatabase;
beforeAll(() => {
  database = createDatabase();
});
afterEach(() => database.clear());
afterAll(() => database[Symbol.asyncDispose]());

describe('a journal entry', () => {
  const damages: readonly [string, () => Promise<unknown>, RegExp][] = [
    [
      'with a changed field',
      () => database.db.collection('journal').updateOne({ entry: 2 }, { $set: { owner: 'somebody' } }),
      /collection journal, shard 0, entry 2: its checksum does not fit its fields; .* restore the database/,
    ],
    [
      'that is missing',
      () => database.db.collection('journal').deleteOne({ entry: 2 }),
      /collection journal, shard 0, entry 2: it is missing, entry 3 comes next/,
    ],
  ];
  it.each(damages)('%s ends a start, with its place and what to do', async (_, damage, message) => {
    const store = await database.open();
    for (const entry of [1, 2, 3]) await store.journal.append(sampleEntry({ entry }), NO_ROWS);
    await store.readModels.progress();
    await damage();
    const code = 'CORRUPT';
    await expect(store.journal.read(0, 0, 10)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
    expect(await store.journal.read(0, 2, 10)).toHaveLength(1);
    await database.db.collection('progress').deleteMany({});
    await expect((await database.open()).journal.head(0)).rejects.toMatchObject({ code });
  });
});

describe('a read model that somebody changed by hand', () => {
  it('is said to be, with its field', async () => {
    const store = await database.open();
    await store.journal.append(createSampleJournal().next({ events: [createSampleBooks().opened()] }), NO_ROWS);
    await store.readModels.progress();
    await database.db
      .collection('accounts')
      .updateOne({}, { $set: { cash: 5000 } }, { bypassDocumentValidation: true });
    await expect(store.readModels.accounts()).rejects.toMatchObject({
      code: 'CORRUPT',
      message: expect.stringMatching(/expected a Decimal128 as account\.cash/) as string,
    });
  });
});

describe('a snapshot', () => {
  const state = 'state ✓ '.repeat(1_200_000);

  it('may be larger than a document', async () => {
    const { journal } = await database.open();
    await journal.saveSnapshot({ shard: 0, entry: 7, state });
    expect(await database.db.collection('snapshots').countDocuments()).toBeGreaterThan(2);
    expect(await journal.snapshot(0)).toEqual({ shard: 0, entry: 7, state });
  });

  it('has pieces that may be larger than a document, and are none when a part of one is missing', async () => {
    const { journal } = await database.open();
    const piece = { shard: 0, after: 3, through: 7 };
    await journal.saveSnapshotPiece({ ...piece, text: state });
    expect(await journal.snapshotPiece(piece)).toBe(state);
    await database.db.collection('snapshot_pieces').deleteOne({ part: 1 });
    expect(await journal.snapshotPiece(piece)).toBeNull();
  });

  it('is kept, and the one before it; those before them go', async () => {
    const { journal } = await database.open();
    for (const entry of [1, 2, 3, 4]) await journal.saveSnapshot({ shard: 0, entry, state: `at ${entry}` });
    expect(await database.db.collection('snapshots').distinct('entry')).toEqual([3, 4]);
  });

  const damages: readonly [string, () => Promise<unknown>][] = [
    ['with another content', () => snapshots().updateOne({ entry: 7, part: 1 }, { $set: { bytes: new Binary() } })],
    ['without its last part', () => snapshots().deleteOne({ entry: 7, part: 2 })],
    ['without its first part', () => snapshots().deleteOne({ entry: 7, part: 0 })],
  ];
  const snapshots = () => database.db.collection('snapshots');
  it.each(damages)('%s is passed over for the one before it', async (_, damage) => {
    const { journal } = await database.open();
    await journal.saveSnapshot({ shard: 0, entry: 3, state: 'small' });
    await journal.saveSnapshot({ shard: 0, entry: 7, state });
    await damage();
    expect(await journal.snapshot(0)).toEqual({ shard: 0, entry: 3, state: 'small' });
  });
});

describe('values from outside', () => {
  it.each([[{ $ne: null }], [{ $gt: '' }], [['user-ann']], [7], [null]])(
    'are never operators: %j finds nobody',
    async (value) => {
      const { app, readModels } = await database.open();
      const text = value as never as string;
      await app.users.insert({
        id: 'user-ann',
        username: 'ann',
        normalizedName: 'ann',
        role: 'ADMIN',
        passwordHash: 'x',
        tokenVersion: 1,
        mustChangePassword: false,
        isDisabled: false,
        grantedAccountIds: [],
        createdAt: SAMPLE_WALL_TIME,
      });
      const questions: Promise<unknown>[] = [
        app.users.byId(text),
        app.users.byName(text),
        app.sessions.byHash(text),
        app.sessions.isFamilyLive(text, SAMPLE_WALL_TIME),
        app.counters.read(text, SAMPLE_WALL_TIME),
        app.counters.clear(text),
        app.commands.byId(text),
        app.commands.list(text, null, 5),
        app.sessions.deleteExpired(value as never as Instant),
        readModels.account(text),
        readModels.trade(text),
        readModels.trades({ accountId: text }, { first: 5, after: null }),
        readModels.countDecisions({ accountId: 'a', reasons: [text as never] }, 5),
        readModels.signals({ symbols: [text] }, { first: 5, after: null }),
        readModels.signalsById([text]),
        readModels.candles({ symbol: text, interval: '1m', last: 5 }),
        readModels.equity({ accountId: text, pointsMax: 5 }),
        readModels.events(text, 0, 5),
        readModels.steps(text),
        readModels.takenCommand(text),
      ];
      const answers = await Promise.allSettled(questions);
      const isNumber = typeof value === 'number';
      const isRefused = answers.map(
        (answer) => answer.status === 'rejected' && (answer.reason as { code: string }).code,
      );
      expect(isRefused).toEqual(questions.map((_, index) => (isNumber && index === 8 ? false : 'INVALID')));
      expect(await app.users.list()).toHaveLength(1);
    },
  );
});
