/** What a caller is told when the server fails in the middle of a commit, and what is true then. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MongodServer } from '../../../../scripts/servers/index.mjs';
import { startMongod } from '../../../../scripts/servers/index.mjs';
import { systemClock } from '../../clock/system.js';
import type { PortErrorCode } from '../../errors.js';
import { createSampleBooks } from '../sample-books.js';
import { createSampleJournal, NO_ROWS, sampleEntry } from '../samples.js';
import { CALL_MS_MAX } from './connection.js';
import type { TestDatabase } from './test-database.contract.js';
import { createDatabase } from './test-database.contract.js';

let server: MongodServer;
let database: TestDatabase;
beforeAll(async () => {
  server = await startMongod();
  database = createDatabase(server.uri);
}, 120_000);
afterEach(async () => {
  await server.failCommand({ failCommands: [] }, 'off');
  await database.clear();
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await server.stop();
});

const LOST = { writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } };

/** What the server does with inserts so many times; what the caller is told; whether the entry is there all the same. */
const FAULTS: readonly [string, object, number, PortErrorCode, boolean][] = [
  ['breaks the connection, and again', { closeConnection: true }, 2, 'UNAVAILABLE', false],
  ['is no primary any more, and again', { errorCode: 10107 }, 2, 'UNAVAILABLE', false],
  ['stops, and again', { errorCode: 11600 }, 2, 'UNAVAILABLE', false],
  ['writes, but not to the majority in time', LOST, 1, 'TIMEOUT', true],
  ['says nothing for longer than a call may take', { blockConnection: true, blockTimeMS: 3_000 }, 1, 'TIMEOUT', false],
  ['has no room left', { errorCode: 14031 }, 1, 'FULL', false],
  ['does not let this user write', { errorCode: 13 }, 1, 'INVALID', false],
];

describe('a commit while the server', () => {
  it.each(FAULTS)('%s: the repeat of the same bytes commits it once', async (_, fault, times, code, isThere) => {
    const store = await database.open();
    const books = createSampleBooks();
    const entries = createSampleJournal();
    await store.journal.append(entries.next({ events: [books.opened()] }), NO_ROWS);
    await store.readModels.progress();
    const entry = entries.next({ events: [books.denies('AAA', 1)] });
    await server.failCommand({ failCommands: ['insert'], ...fault }, { times });
    const startedMs = systemClock.monotonicMs();
    await expect(store.journal.append(entry, NO_ROWS)).rejects.toMatchObject({ code });
    expect(systemClock.monotonicMs() - startedMs).toBeLessThan(2 * CALL_MS_MAX);

    expect(await store.readModels.progress()).toMatchObject({ entry: 1 });
    await server.failCommand({ failCommands: [] }, 'off');
    const other = { ...entry, owner: 'another' };
    if (isThere) await expect(store.journal.append(other, NO_ROWS)).rejects.toMatchObject({ code: 'FENCED' });
    await store.journal.append(entry, NO_ROWS);
    expect(await store.readModels.account('acc-1')).toMatchObject({ account: { seq: 2 } });
    expect(await store.journal.read(0, 1, 10)).toEqual([entry]);
    await expect(store.journal.append(other, NO_ROWS)).rejects.toMatchObject({ code: 'FENCED' });
  });

  it('says nothing at all: any call ends in time', async () => {
    const store = await database.open();
    await server.failCommand({ failCommands: ['ping'], blockConnection: true, blockTimeMS: 5_000 }, { times: 1 });
    const startedMs = systemClock.monotonicMs();
    await expect(store.ping()).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(systemClock.monotonicMs() - startedMs).toBeLessThan(2 * CALL_MS_MAX);
  });

  it('breaks the connection once: nobody is told', async () => {
    const { journal } = await database.open();
    await server.failCommand({ failCommands: ['insert'], closeConnection: true }, { times: 1 });
    await journal.append(sampleEntry(), NO_ROWS);
    expect(await journal.head(0)).toMatchObject({ entry: 1 });
  });

  it('fails at the read models: the commit stands, and they follow as soon as it works', async () => {
    const { journal, readModels } = await database.open();
    const books = createSampleBooks();
    const entries = createSampleJournal();
    const reader = await database.open();
    await server.failCommand({ failCommands: ['update'], errorCode: 14031 }, 'alwaysOn');
    await journal.append(entries.next({ events: [books.opened()] }), NO_ROWS);
    await journal.append(entries.next({ events: [books.denies('AAA', 1)] }), NO_ROWS);
    expect(await reader.readModels.progress()).toBeNull();
    await server.failCommand({ failCommands: [] }, 'off');
    while ((await readModels.progress())?.entry !== 2) await systemClock.sleep(5);
    expect(await reader.readModels.account('acc-1')).toMatchObject({ account: { seq: 2 } });
  });
});
