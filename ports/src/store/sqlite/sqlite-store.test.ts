import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../clock/system.js';
import { crc32c } from '../../crc32c.js';
import { createSampleBooks } from '../sample-books.js';
import {
  createSampleJournal,
  NO_ROWS,
  SAMPLE_WALL_TIME,
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
import type { SqliteStoreDeps } from './sqlite-store.js';
import { openSqliteStore } from './sqlite-store.js';

/** Files of a test, and the stores opened on them. */
function createFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-store-'));
  const files = { appFile: join(folder, 'app.db'), journalFile: join(folder, 'world', 'journal.db') };
  const opened: { close(): unknown }[] = [];
  return {
    ...files,
    async open(deps: Partial<SqliteStoreDeps> = {}): Promise<Store> {
      const store = await openSqliteStore(files, { clock: systemClock, ...deps });
      opened.push(store);
      return store;
    },
    /** A connection of its own, as a person with a tool would have. */
    raw(file: string): Database.Database {
      const db = new Database(file);
      opened.push(db);
      return db;
    },
    async [Symbol.asyncDispose]() {
      for (const one of opened) await one.close();
      rmSync(folder, { recursive: true });
    },
  };
}

storeContract('sqlite', async (options = {}) => {
  const files = createFiles();
  return { connect: () => files.open(options), [Symbol.asyncDispose]: () => files[Symbol.asyncDispose]() };
});

let files: ReturnType<typeof createFiles>;
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

  it.each(['appFile', 'journalFile'] as const)('of a newer version are refused: %s', async (name) => {
    await (await files.open()).close();
    const db = files.raw(files[name]);
    db.exec('PRAGMA user_version = 99');
    const content = dump(db);
    await expect(files.open()).rejects.toMatchObject({
      code: 'INVALID',
      message: expect.stringMatching(
        /has schema 99, but this version of Kairos knows 1: start the newer version/,
      ) as string,
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

describe('sqlite store: damage', () => {
  const readAll = (store: Store) => store.journal.read(0, 0, 100);

  async function withEntries(): Promise<{ store: Store; db: Database.Database }> {
    const store = await files.open();
    for (let entry = 1; entry <= 5; entry++) await store.journal.append(sampleEntry({ entry }), NO_ROWS);
    return { store, db: files.raw(files.journalFile) };
  }

  it('of any single byte of an entry is found, and named by shard and entry', async () => {
    const { store, db } = await withEntries();
    db.exec('PRAGMA synchronous = OFF');
    const [bytes] = db.prepare('SELECT bytes FROM journal WHERE entry = 3').raw().get([]) as [Buffer];
    const write = db.prepare('UPDATE journal SET bytes = ? WHERE entry = 3');
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1 << (at % 8);
      write.run([damaged]);
      await expect(readAll(store)).rejects.toMatchObject({
        code: 'CORRUPT',
        message: expect.stringContaining('shard 0, entry 3') as string,
      });
    }
    write.run([bytes]);
    expect(await readAll(store)).toHaveLength(5);
  });

  it.each([
    ['a checksum that was changed', 'UPDATE journal SET crc = crc + 1 WHERE entry = 3', 3],
    ['an entry that is missing', 'DELETE FROM journal WHERE entry = 2', 2],
    [
      'an entry in the place of another',
      'UPDATE journal SET (crc, bytes) = (SELECT crc, bytes FROM journal WHERE entry = 1) WHERE entry = 4',
      4,
    ],
    ['a torn end', `UPDATE journal SET bytes = substr(bytes, 1, 100) WHERE entry = 5`, 5],
  ])('%s is found', async (_, sql, entry) => {
    const { store, db } = await withEntries();
    db.exec(sql);
    const message = expect.stringContaining(`shard 0, entry ${entry}:`) as string;
    await expect(readAll(store)).rejects.toMatchObject({ code: 'CORRUPT', message });
    expect(await store.journal.read(0, 0, entry - 1)).toHaveLength(entry - 1);
  });

  it('of bytes whose checksum was made to fit is found by reading them', async () => {
    const { store, db } = await withEntries();
    const text = Buffer.from('{"shard":0,"entry":3}');
    db.prepare('UPDATE journal SET bytes = ?, crc = ? WHERE entry = 3').run([text, crc32c(text)]);
    await expect(readAll(store)).rejects.toMatchObject({ code: 'CORRUPT' });
  });

  it('of the newest snapshot leaves the one before it; older ones are not kept', async () => {
    const { store, db } = await withEntries();
    for (const entry of [1, 2, 3, 4]) await store.journal.saveSnapshot({ shard: 0, entry, state: `state ${entry}` });
    expect(db.prepare('SELECT entry FROM snapshots ORDER BY entry').raw().all([])).toEqual([[3], [4]]);
    db.exec("UPDATE snapshots SET state = x'00' WHERE entry = 4");
    expect(await store.journal.snapshot(0)).toEqual({ shard: 0, entry: 3, state: 'state 3' });
    db.exec("UPDATE snapshots SET state = x'00'");
    expect(await store.journal.snapshot(0)).toBeNull();
  });

  it('of a document of the read models is named', async () => {
    const { store, db } = await withEntries();
    await store.journal.append(sampleEntry({ entry: 6 }), { ...NO_ROWS, signals: [sampleSignal()] });
    db.exec("UPDATE ml_signals SET doc = '{}'");
    await expect(store.readModels.signals({}, { first: 1, after: null })).rejects.toMatchObject({ code: 'CORRUPT' });
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

/** Runs a script beside the test; `DB` is its database file, `Database` the driver. */
function inAnotherProcess(file: string, script: string) {
  const driver = createRequire(import.meta.url).resolve('libsql');
  const prelude = `const Database = require(${JSON.stringify(driver)}); const DB = ${JSON.stringify(file)};`;
  const child = spawn(process.execPath, ['-e', `${prelude}\n${script}`], { stdio: ['pipe', 'pipe', 'inherit'] });
  return { said: once(child.stdout, 'data'), ended: once(child, 'exit'), letGo: () => child.stdin.end('go') };
}

/** A process that is in the middle of writing until it is let go. */
const HOLD = `const db = new Database(DB, { timeout: 5000 });
  db.exec('BEGIN IMMEDIATE');
  console.log('holding');
  require('node:fs').readSync(0, Buffer.alloc(1));
  db.exec('COMMIT');`;

describe('sqlite store: beside other processes', () => {
  it('waits for a writer with the event loop free, and tells its callers nothing of it', async () => {
    const store = await files.open();
    const other = inAnotherProcess(files.appFile, HOLD);
    await other.said;
    let answered = 0;
    const counting = Array.from({ length: 20 }, async () => {
      const { count } = await store.app.counters.increment('key', 60_000, SAMPLE_WALL_TIME);
      answered += 1;
      return count;
    });
    for (let turn = 0; turn < 10; turn++) await systemClock.sleep(1);
    expect(answered).toBe(0);
    other.letGo();
    expect(await Promise.all(counting)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    await other.ended;
  });

  it('answers reads while another process writes', async () => {
    const store = await files.open();
    await store.journal.append(sampleEntry(), NO_ROWS);
    const other = inAnotherProcess(files.journalFile, HOLD);
    await other.said;
    expect(await store.journal.read(0, 0, 10)).toHaveLength(1);
    expect(await store.readModels.progress()).toMatchObject({ entry: 1 });
    other.letGo();
    await other.ended;
  });

  it('gives up after a bounded time with UNAVAILABLE', async () => {
    let elapsed = 0;
    const clock = {
      ...systemClock,
      monotonicMs: () => elapsed,
      sleep: async () => {
        elapsed += 1_000;
      },
    };
    const store = await files.open({ clock });
    const db = files.raw(files.journalFile);
    db.exec('BEGIN IMMEDIATE');
    const failing = expect(store.journal.append(sampleEntry(), NO_ROWS)).rejects;
    await failing.toMatchObject({ code: 'UNAVAILABLE', isRetriable: true });
    db.exec('COMMIT');
    await store.journal.append(sampleEntry(), NO_ROWS);
    expect(await store.journal.head(0)).toMatchObject({ entry: 1 });
  });

  it('ends a call that waits when it is closed', async () => {
    const store = await files.open();
    const db = files.raw(files.appFile);
    db.exec('BEGIN IMMEDIATE');
    const waiting = expect(store.app.facts.put('SIMULATOR', 'seed', 1)).rejects.toMatchObject({ code: 'CLOSED' });
    await store.close();
    await waiting;
    db.exec('COMMIT');
  });

  it('loses none of 1,000 changes that four connections make to one user', { timeout: 60_000 }, async () => {
    const stores = await Promise.all([1, 2, 3, 4].map(() => files.open()));
    const name = (count: number) => `count ${count}`;
    await stores[0]!.app.users.insert({
      id: 'user-1',
      username: name(0),
      normalizedName: 'ann',
      role: 'TRADER',
      passwordHash: 'x',
      tokenVersion: 0,
      mustChangePassword: false,
      isDisabled: false,
      grantedAccountIds: [],
      createdAt: SAMPLE_WALL_TIME,
    });
    const change = async ({ app }: Store): Promise<void> => {
      const user = (await app.users.byId('user-1'))!;
      const tokenVersion = user.tokenVersion + 1;
      const replaced = app.users.replace({ ...user, username: name(tokenVersion), tokenVersion }, user.tokenVersion);
      await replaced.catch(() => change({ app } as Store));
    };
    await Promise.all(
      stores.map(async (store) => {
        for (let i = 0; i < 250; i++) await change(store);
      }),
    );
    expect(await stores[3]!.app.users.byId('user-1')).toMatchObject({ tokenVersion: 1_000, username: name(1_000) });
  });

  it('loses no count of another process that counts at the same time', { timeout: 60_000 }, async () => {
    const store = await files.open();
    const ADD = `const db = new Database(DB, { timeout: 5000 });
      const add = db.prepare("INSERT INTO counters (key, count, ends_at) VALUES ('key', 1, ?) ON CONFLICT (key) DO UPDATE SET count = count + 1");
      console.log('ready');
      for (let i = 0; i < 50; i++) add.run([${SAMPLE_WALL_TIME + 60_000}]);`;
    const others = [1, 2].map(() => inAnotherProcess(files.appFile, ADD));
    for (let i = 0; i < 50; i++) await store.app.counters.increment('key', 60_000, SAMPLE_WALL_TIME);
    await Promise.all(others.map((other) => other.ended));
    expect(await store.app.counters.read('key', SAMPLE_WALL_TIME)).toMatchObject({ count: 150 });
  });
});
