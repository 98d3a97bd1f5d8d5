/** Files of the embedded store in tests: opened as a process would, and as a person with a tool would. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { systemClock } from '../../clock/system.js';
import type { Store } from '../store.js';
import type { SqliteStoreDeps } from './sqlite-store.js';
import { openSqliteStore } from './sqlite-store.js';

/** Files of a test, and the stores opened on them. */
export function createFiles() {
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

export type TestFiles = ReturnType<typeof createFiles>;
