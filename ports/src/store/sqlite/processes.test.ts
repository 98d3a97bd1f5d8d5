import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../clock/system.js';
import { NO_ROWS, SAMPLE_WALL_TIME, sampleEntry } from '../samples.js';
import type { Store } from '../store.js';
import type { TestFiles } from './test-files.contract.js';
import { createFiles } from './test-files.contract.js';

let files: TestFiles;
beforeEach(() => {
  files = createFiles();
});
afterEach(() => files[Symbol.asyncDispose]());

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
