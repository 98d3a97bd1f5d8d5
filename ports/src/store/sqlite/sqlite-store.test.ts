import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import type Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSampleBooks } from '../sample-books.js';
import {
  createSampleJournal,
  NO_ROWS,
  sampleCandle,
  sampleCommand,
  sampleEntry,
  samplePoint,
  samplePriceBook,
  sampleSignal,
  sampleStep,
} from '../samples.js';
import type { Store } from '../store.js';
import { storeContract } from '../store.contract.js';
import type { TestFiles } from './test-files.contract.js';
import { createFiles } from './test-files.contract.js';

storeContract('sqlite', async (options = {}) => {
  const files = createFiles();
  return { connect: () => files.open(options), [Symbol.asyncDispose]: () => files[Symbol.asyncDispose]() };
});

let files: TestFiles;
beforeEach(() => {
  files = createFiles();
});
afterEach(() => files[Symbol.asyncDispose]());

/** An entry that touches every table, after one that opens its account. */
function fullHistory() {
  const books = createSampleBooks();
  const entries = createSampleJournal();
  const first = entries.next({ events: [books.opened()] });
  const second = entries.next({
    events: [books.buys('BTCUSDT', 1), books.denies('ETHUSDT', 2), books.obeys('TRADING_PAUSED', 'cmd-1', 3)],
    prices: [samplePriceBook('BTCUSDT', '68234', 3)],
  });
  const rows = {
    candles: [sampleCandle()],
    signals: [sampleSignal()],
    equity: [samplePoint('acc-1', 1, '5000')],
    commands: [{ command: sampleCommand(), accountIds: ['acc-1'] }],
    steps: [{ ...sampleStep({ accountId: 'acc-2' }), commandId: 'cmd-1' }],
  };
  return { first, second, rows };
}

/** Every row of every table. */
function dump(db: Database.Database): string {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").raw().all() as [
    string,
  ][];
  return JSON.stringify(tables.map(([table]) => [table, db.prepare(`SELECT * FROM ${table}`).raw().all()]));
}

describe('sqlite store: files', () => {
  it('are made for their owner alone, by whoever comes first', async () => {
    const stores = await Promise.all([files.open(), files.open(), files.open(), files.open()]);
    await stores[3]!.journal.append(sampleEntry(), NO_ROWS);
    for (const store of stores) expect(await store.journal.head(0)).toMatchObject({ entry: 1 });
    for (const file of [files.appFile, files.journalFile]) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('keep everything over closing and opening', async () => {
    const { first, second, rows } = fullHistory();
    const before = await files.open();
    await before.journal.append(first, NO_ROWS);
    await before.journal.append(second, rows);
    await before.journal.saveSnapshot({ shard: 0, entry: 2, state: '{}' });
    await before.app.facts.put('SIMULATOR', 'seed', 7);
    const answers = async ({ journal, readModels, app }: Store) => [
      await journal.read(0, 0, 10),
      await journal.snapshot(0),
      await readModels.accounts(),
      await readModels.events('acc-1', 0, 10),
      await readModels.steps('cmd-1'),
      await readModels.takenCommand('cmd-1'),
      await readModels.progress(),
      await app.facts.get('SIMULATOR', 'seed'),
    ];
    const expected = await answers(before);
    await before.close();
    expect(await answers(await files.open())).toEqual(expected);
  });

  it.each([
    ['appFile', 99, /has schema 99, but this version of Kairos knows 1: start the newer version/],
    ['journalFile', 99, /has schema 99, but this version of Kairos knows 4: start the newer version/],
    ['journalFile', 1, /has schema 1, but this version of Kairos reads 2 or later: start the version that made it/],
  ] as const)('of a version that cannot be read are refused: %s of version %s', async (name, version, message) => {
    await (await files.open()).close();
    const db = files.raw(files[name]);
    db.exec(`PRAGMA user_version = ${version}`);
    const content = dump(db);
    await expect(files.open()).rejects.toMatchObject({
      code: 'INVALID',
      message: expect.stringMatching(message) as string,
    });
    expect(dump(db)).toBe(content);
  });

  it('that are no database are refused as damaged, and left as they are', async () => {
    writeFileSync(files.appFile, 'a letter to my aunt, much longer than the header of a database. '.repeat(40));
    const { size } = statSync(files.appFile);
    await expect(files.open()).rejects.toMatchObject({ code: 'CORRUPT' });
    expect(statSync(files.appFile).size).toBe(size);
  });

  it('that are folders are refused', async () => {
    mkdirSync(files.appFile);
    await expect(files.open()).rejects.toMatchObject({ code: 'INVALID' });
  });
});

describe('sqlite store: a fault between two statements', () => {
  it('of an append leaves nothing of it, whichever statement it hits; the repeat leaves all of it', async () => {
    const { first, second, rows } = fullHistory();
    let countdown = Infinity;
    const store = await files.open({
      beforeStatement: () => {
        countdown -= 1;
        if (countdown === 0) throw new Error('the power went');
      },
    });
    await store.journal.append(first, NO_ROWS);
    const db = files.raw(files.journalFile);
    const before = dump(db);
    const version = await store.readModels.version();
    let faults = 0;
    for (let isDone = false; !isDone;) {
      countdown = faults + 1;
      isDone = await store.journal.append(second, rows).then(
        () => true,
        () => false,
      );
      if (isDone) break;
      faults += 1;
      expect(dump(db)).toBe(before);
      expect(await store.readModels.version()).toBe(version);
    }
    expect(faults).toBeGreaterThan(15);
    expect(await store.readModels.account('acc-1')).toMatchObject({ account: { seq: 4 } });
    expect(await store.readModels.steps('cmd-1')).toHaveLength(2);
    expect(await store.readModels.version()).not.toBe(version);
  });
});
