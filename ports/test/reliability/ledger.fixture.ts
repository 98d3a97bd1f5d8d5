/** A shard's owner who appends entry after entry, each until its outcome is known, and what must be found of it. */
import type { Store } from '../../src/store/store.js';
import type { JournalEntry } from '../../src/store/journal.js';
import { isPortError } from '../../src/errors.js';
import { systemClock } from '../../src/clock/system.js';
import { createSampleBooks } from '../../src/store/sample-books.js';
import { createSampleJournal, NO_ROWS } from '../../src/store/samples.js';

const RETRY_MS = 10;
const RETRIES_MAX = 1_000;
const PAGE = 500;

export interface Ledger {
  readonly accountId: string;
  /** In the order in which they were acknowledged. */
  readonly entries: readonly JournalEntry[];
  /** Appends that failed in a way that may pass, and were repeated with the same bytes. */
  readonly failures: number;
  /** Resolves when the next entry is acknowledged. @throws PortError that is not retriable */
  append(): Promise<void>;
}

/** The first entry opens the account; each after it carries one decision. */
export function createLedger(store: Store, accountId = 'acc-1'): Ledger {
  const journal = createSampleJournal();
  const books = createSampleBooks(accountId);
  const entries: JournalEntry[] = [];
  let failures = 0;

  async function appendUntilKnown(entry: JournalEntry): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await store.journal.append(entry, NO_ROWS);
      } catch (error) {
        if (!isPortError(error) || !error.isRetriable || tries >= RETRIES_MAX) throw error;
        failures++;
      }
      await systemClock.sleep(RETRY_MS);
    }
  }

  return {
    accountId,
    entries,
    get failures() {
      return failures;
    },
    async append() {
      const event = entries.length === 0 ? books.opened() : books.denies('BTCUSDT', entries.length);
      const entry = journal.next({ events: [event] });
      await appendUntilKnown(entry);
      entries.push(entry);
    },
  };
}

export interface Appending {
  /** @throws what ended it */
  assertAlive(): void;
  /** Resolves after the entry under way. @throws what ended it before */
  stop(): Promise<void>;
}

/** Appends in the background. */
export function startAppending(ledger: Ledger): Appending {
  let isStopping = false;
  let failure: Error | null = null;
  const run = async (): Promise<void> => {
    while (!isStopping) await ledger.append();
  };
  const ended = run().catch((error: unknown) => {
    failure = error instanceof Error ? error : new Error(String(error));
  });
  const assertAlive = (): void => {
    if (failure !== null) throw failure;
  };
  return {
    assertAlive,
    async stop() {
      isStopping = true;
      await ended;
      assertAlive();
    },
  };
}

/** The whole journal of a shard. */
export async function journalOf(store: Store, shard = 0): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for (;;) {
    const page = await store.journal.read(shard, entries.length, PAGE);
    if (page.length === 0) return entries;
    entries.push(...page);
  }
}
