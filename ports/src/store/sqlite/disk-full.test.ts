import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../clock/system.js';
import { createSampleBooks } from '../sample-books.js';
import { createSampleJournal, NO_ROWS, SAMPLE_WALL_TIME, sampleCommand, sampleSignal } from '../samples.js';
import { RETENTION } from '../retention.js';
import { applyChanges } from './apply-changes.js';
import { openConnection } from './connection.js';
import { JOURNAL_SCHEMA } from './journal-schema.js';
import { noReserve, RESERVE_BYTES, RESERVE_CHECK_MS } from './reserve.js';
import { createSqliteJournal } from './sqlite-journal.js';
import { openSqliteStore } from './sqlite-store.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kairos-full-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a full disk', () => {
  it('refuses an append whole, leaves the file sound, and takes the same append when there is room', async () => {
    const connection = await openConnection(join(folder, 'journal.db'), JOURNAL_SCHEMA, { clock: systemClock });
    const apply = (changes: Parameters<typeof applyChanges>[1]) => applyChanges(connection, changes, RETENTION);
    const journal = createSqliteJournal({ connection, apply, onCommit: () => undefined, reserve: noReserve });
    const entries = createSampleJournal();
    const books = createSampleBooks();
    await journal.append(entries.next({ events: [books.opened()] }), NO_ROWS);

    const count = connection.get('PRAGMA page_count')![0] as number;
    connection.all(`PRAGMA max_page_count = ${count + 2}`);
    const source = 'long'.repeat(1_000);
    const large = entries.next({ events: [books.buys('BTCUSDT', 1)] });
    const rows = { ...NO_ROWS, signals: Array.from({ length: 20 }, (_, n) => sampleSignal({ id: `s-${n}`, source })) };
    await expect(journal.append(large, rows)).rejects.toMatchObject({ code: 'FULL', isRetriable: true });
    expect(await journal.head(0)).toMatchObject({ entry: 1 });
    expect(connection.all('SELECT count(*) FROM trades')).toEqual([[0]]);
    expect(connection.all('PRAGMA integrity_check')).toEqual([['ok']]);

    connection.all('PRAGMA max_page_count = 1000000');
    await journal.append(large, rows);
    expect(await journal.head(0)).toMatchObject({ entry: 2 });
    expect(connection.all('SELECT count(*) FROM trades')).toEqual([[1]]);
    connection.close();
  });

  /** A store on a disk that is full until its reserve is given up, once `fill` was called. */
  async function openOnFullDisk() {
    let isFull = false;
    let elapsed = 0;
    const reserveFile = join(folder, 'reserve');
    const files = { appFile: join(folder, 'app.db'), journalFile: join(folder, 'journal.db'), reserveFile };
    const store = await openSqliteStore(files, {
      clock: { ...systemClock, monotonicMs: () => elapsed },
      beforeStatement: () => {
        if (isFull && existsSync(reserveFile)) throw new Database.SqliteError('disk is full', 'SQLITE_FULL', 13);
      },
    });
    return {
      store,
      reserveFile,
      fill: () => (isFull = true),
      aMinuteLater: () => {
        isFull = false;
        elapsed += RESERVE_CHECK_MS;
      },
    };
  }

  it('still takes what closes positions: the reserve is given up for it, and for nothing that opens one', async () => {
    const { store, reserveFile, fill, aMinuteLater } = await openOnFullDisk();
    expect(statSync(reserveFile).size).toBe(RESERVE_BYTES);
    const entries = createSampleJournal();
    const books = createSampleBooks();
    await store.journal.append(entries.next({ events: [books.opened(), books.buys('AAA', 1)] }), NO_ROWS);
    fill();
    const both = [books.sells('AAA', 2, { pnl: '1' }), books.buys('BBB', 2)];
    const refused = entries.next({ events: both });
    await expect(store.journal.append(refused, NO_ROWS)).rejects.toMatchObject({ code: 'FULL' });
    expect(existsSync(reserveFile)).toBe(true);
    await store.journal.append({ ...refused, events: both.slice(0, 1) }, NO_ROWS);
    expect(existsSync(reserveFile)).toBe(false);
    expect(await store.journal.head(0)).toMatchObject({ entry: 2 });

    aMinuteLater();
    await store.journal.append(entries.next(), NO_ROWS);
    for (let turn = 0; turn < 1_000 && !existsSync(reserveFile); turn++) await systemClock.sleep(5);
    expect(existsSync(reserveFile)).toBe(true);
    await store.close();
  });

  it.each([
    ['takes', 'STOP_BOT', false],
    ['refuses', 'RESUME_BOT', true],
  ] as const)('%s a %s that the API keeps', async (_, action, isRefused) => {
    const { store, reserveFile, fill } = await openOnFullDisk();
    fill();
    const command = sampleCommand({ action });
    const sent = { command, accountIds: [], world: 'SIMULATOR', sentAt: SAMPLE_WALL_TIME, isPublished: false };
    const inserting = store.app.commands.insert(sent);
    await (isRefused ? expect(inserting).rejects.toMatchObject({ code: 'FULL' }) : inserting);
    expect(existsSync(reserveFile)).toBe(isRefused);
    expect(await store.app.commands.byId('cmd-1')).toEqual(isRefused ? null : sent);
    await store.close();
  });
});
