/** Several writers at once: one wins every entry, and nothing is lost or counted twice. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isPortError } from '../../errors.js';
import { createSampleBooks } from '../sample-books.js';
import {
  NO_ROWS,
  SAMPLE_WALL_TIME,
  sampleAccount,
  sampleEntry,
  sampleMark,
  sampleStep,
  sampleTime,
} from '../samples.js';
import type { Store } from '../store.js';
import type { TestDatabase } from './test-database.contract.js';
import { createDatabase } from './test-database.contract.js';

let database: TestDatabase;
beforeAll(() => {
  database = createDatabase();
});
afterEach(() => database.clear());
afterAll(() => database[Symbol.asyncDispose]());

const WRITERS = [0, 1, 2, 3];
const CHANGES_EACH = 250;

/** One more event of the account on top of what the journal has; whether this writer won the entry. */
async function changeAccount(store: Store, owner: string): Promise<boolean> {
  const { entry, epoch } = await store.journal.head(0);
  const seq = entry + 1;
  const account = sampleAccount({ id: 'acc-1', seq, closedTrades: seq });
  const base = createSampleBooks().obeys('SETTINGS_UPDATED', 'cmd', 1);
  const event = { ...base, id: `acc-1:${seq}`, seq, account, step: sampleStep({ time: sampleTime(seq) }) };
  const next = sampleEntry({
    entry: entry + 1,
    epoch: epoch + 1,
    owner,
    events: [event],
    marks: [sampleMark('acc-1')],
  });
  try {
    await store.journal.append(next, NO_ROWS);
    return true;
  } catch (error) {
    if (isPortError(error, 'FENCED') || isPortError(error, 'CONFLICT')) return false;
    throw error;
  }
}

describe('several writers of one shard', () => {
  it(
    'make 1,000 changes of one account: the sum is exact, every entry has one winner',
    { timeout: 240_000 },
    async () => {
      const stores = await Promise.all(WRITERS.map(() => database.open()));
      const won = await Promise.all(
        stores.map(async (store, writer) => {
          let wins = 0;
          while (wins < CHANGES_EACH) if (await changeAccount(store, `writer-${writer}`)) wins += 1;
          return wins;
        }),
      );
      const changes = won.reduce((a, b) => a + b);
      const reader = await database.open();
      expect(await reader.journal.head(0)).toMatchObject({ entry: changes, epoch: changes });
      const stored = await database.db.collection('journal').find().sort('entry').toArray();
      expect(stored.map((document) => document['entry'] as number)).toEqual(
        Array.from({ length: changes }, (_, n) => n + 1),
      );
      for (const writer of WRITERS) {
        expect(stored.filter((document) => document['owner'] === `writer-${writer}`)).toHaveLength(CHANGES_EACH);
      }
      expect(await reader.readModels.account('acc-1')).toMatchObject({
        account: { seq: changes, closedTrades: changes },
      });
      expect(await database.db.collection('events').countDocuments()).toBe(changes);
    },
  );

  it('fence an owner who comes back after another has taken over, and change nothing', async () => {
    const [old, heir] = await Promise.all([database.open(), database.open()]);
    for (const entry of [1, 2]) await old.journal.append(sampleEntry({ entry, owner: 'old' }), NO_ROWS);
    await heir.journal.head(0);
    await heir.journal.append(sampleEntry({ entry: 3, epoch: 2, owner: 'heir' }), NO_ROWS);
    await heir.journal.append(sampleEntry({ entry: 4, epoch: 2, owner: 'heir' }), NO_ROWS);
    for (const entry of [3, 4, 5]) {
      const late = old.journal.append(sampleEntry({ entry, owner: 'old' }), NO_ROWS);
      await expect(late).rejects.toMatchObject({ code: 'FENCED', message: expect.stringContaining('heir') as string });
    }
    await heir.journal.append(sampleEntry({ entry: 5, epoch: 2, owner: 'heir' }), NO_ROWS);
    expect((await heir.journal.read(0, 0, 10)).map(({ owner }) => owner)).toEqual([
      ...['old', 'old'],
      ...['heir', 'heir', 'heir'],
    ]);
  });
});

describe('several writers of one user', () => {
  it('lose none of 1,000 changes', { timeout: 240_000 }, async () => {
    const stores = await Promise.all(WRITERS.map(() => database.open()));
    const user = {
      id: 'user-1',
      username: 'count 0',
      normalizedName: 'ann',
      role: 'TRADER',
      passwordHash: 'x',
      tokenVersion: 0,
      mustChangePassword: false,
      isDisabled: false,
      grantedAccountIds: [],
      createdAt: SAMPLE_WALL_TIME,
    } as const;
    await stores[0]!.app.users.insert(user);
    const change = async ({ users }: Store['app']): Promise<void> => {
      const stored = (await users.byId('user-1'))!;
      const tokenVersion = stored.tokenVersion + 1;
      const next = { ...stored, username: `count ${tokenVersion}`, tokenVersion };
      await users.replace(next, stored.tokenVersion).catch((error: unknown) => {
        if (!isPortError(error, 'CONFLICT')) throw error;
        return change({ users } as Store['app']);
      });
    };
    await Promise.all(
      stores.map(async ({ app }) => {
        for (let n = 0; n < CHANGES_EACH; n++) await change(app);
      }),
    );
    expect(await stores[3]!.app.users.byId('user-1')).toMatchObject({ tokenVersion: 1_000, username: 'count 1000' });
  });
});
