/** One writer at a time on the embedded store, however many try: the file lock keeps honest traders apart, this the others. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock/system.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { changeFromFourProcesses, CHANGES, expectEveryChangeOnce, PROCESSES } from './four-writers.fixture.js';

describe('the fence of the journal on SQLite', () => {
  it(
    `lets ${PROCESSES} processes make ${CHANGES} changes of one account, none lost, none twice`,
    { timeout: 240_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'kairos-four-writers-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const files = { appFile: join(folder, 'app.db'), journalFile: join(folder, 'journal.db') };
      const lost = await changeFromFourProcesses(['sqlite', files.appFile, files.journalFile]);
      const store = await openSqliteStore(files, { clock: systemClock });
      await expectEveryChangeOnce(store);
      await store.close();
      // They did get in each other's way.
      expect(Math.max(...lost)).toBeGreaterThan(0);
    },
  );
});
