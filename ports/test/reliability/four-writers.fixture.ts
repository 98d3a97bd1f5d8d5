/** Four processes that change one account at the same time, each as if it were the only one, and what must come of it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { systemClock } from '../../src/clock/system.js';
import type { Store } from '../../src/store/store.js';
import { COUNTER } from './counted.fixture.js';
import { journalOf } from './ledger.fixture.js';

export const PROCESSES = 4;
/** Of all processes together. */
export const CHANGES = 1_000;

const OWNERS = Array.from({ length: PROCESSES }, (_, index) => `process-${index}`);
const FLAGS = [
  '--conditions=source',
  '--import',
  join(import.meta.dirname, '../../fixtures/register-typescript.mjs'),
  join(import.meta.dirname, 'change-account.process.ts'),
];

/** How often each has found an entry taken, when all have made their changes. `where` as change-account.process.ts takes it. */
export async function changeFromFourProcesses(where: readonly string[]): Promise<readonly number[]> {
  const write = (owner: string) =>
    promisify(execFile)(process.execPath, [...FLAGS, owner, String(CHANGES / PROCESSES), ...where]);
  return (await Promise.all(OWNERS.map(write))).map(({ stdout }) => Number(stdout));
}

/** Every change is there once: in the journal, in the account as it is read, and in what was counted. */
export async function expectEveryChangeOnce(store: Store): Promise<void> {
  const entries = await journalOf(store);
  expect(entries.map(({ events }) => events[0]!.account.closedTrades)).toEqual(entries.map((_, index) => index + 1));
  expect(entries).toHaveLength(CHANGES);
  for (const owner of OWNERS) {
    expect(entries.filter((entry) => entry.owner === owner)).toHaveLength(CHANGES / PROCESSES);
  }
  await store.journal.head(0);
  expect((await store.readModels.account('acc-1'))?.account.closedTrades).toBe(CHANGES);
  expect((await store.app.counters.read(COUNTER, systemClock.now()))?.count).toBe(CHANGES);
}
