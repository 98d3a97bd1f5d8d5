import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../clock/system.js';
import type { Store } from '../store.js';
import { storeContract } from '../store.contract.js';
import { openSqliteStore } from './sqlite-store.js';

storeContract('sqlite', async (options = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-store-'));
  const files = { appFile: join(folder, 'app.db'), journalFile: join(folder, 'world', 'journal.db') };
  const open: Store[] = [];
  return {
    async connect() {
      const store = await openSqliteStore(files, { clock: systemClock, ...options });
      open.push(store);
      return store;
    },
    async [Symbol.asyncDispose]() {
      for (const store of open) await store.close();
      rmSync(folder, { recursive: true });
    },
  };
});
