import type Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crc32c } from '../../crc32c.js';
import { NO_ROWS, sampleEntry, sampleSignal } from '../samples.js';
import type { Store } from '../store.js';
import type { TestFiles } from './test-files.contract.js';
import { createFiles } from './test-files.contract.js';

let files: TestFiles;
beforeEach(() => {
  files = createFiles();
});
afterEach(() => files[Symbol.asyncDispose]());

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
    const message = expect.stringContaining(`${files.journalFile}, journal, shard 0, entry ${entry}:`) as string;
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

  it("of a snapshot's piece makes it none", async () => {
    const { store, db } = await withEntries();
    const piece = { shard: 0, after: 1, through: 3 };
    await store.journal.saveSnapshotPiece({ ...piece, text: 'signals' });
    expect(await store.journal.snapshotPiece(piece)).toBe('signals');
    db.exec("UPDATE snapshot_pieces SET bytes = x'00'");
    expect(await store.journal.snapshotPiece(piece)).toBeNull();
  });

  it('of a document of the read models is named', async () => {
    const { store, db } = await withEntries();
    await store.journal.append(sampleEntry({ entry: 6 }), { ...NO_ROWS, signals: [sampleSignal()] });
    db.exec("UPDATE ml_signals SET doc = '{}'");
    await expect(store.readModels.signals({}, { first: 1, after: null })).rejects.toMatchObject({ code: 'CORRUPT' });
  });
});
