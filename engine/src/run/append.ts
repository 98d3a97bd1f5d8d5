/** The one atomic commit, repeated with the same bytes until its outcome is known. */
import type { Clock, JournalEntry, Log, ReadModelRows, Store } from '@kairos/ports';
import { isPortError } from '@kairos/ports';

const RETRY_MS_MIN = 50;
/** A panic that waits for the store is not to wait much longer than the store is away. */
const RETRY_MS_MAX = 500;
/** Failures after which people are told that nothing can be committed. */
const FAILURES_UNTIL_ALERT = 3;

export interface AppendDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Told the reason while the store does not answer, and null when it does again. */
  readonly onTrouble: (reason: string | null) => void;
}

/**
 * Appends an entry. While the store does not answer nothing is taken, so nothing can be opened; the same entry is
 * tried again until it answers or the signal aborts.
 *
 * @returns false when the signal aborted before the outcome was known.
 * @throws PortError that is not retriable, FENCED above all.
 */
export async function appendUntilKnown(
  { store, clock, log, onTrouble }: AppendDeps,
  what: { readonly entry: JournalEntry; readonly rows: ReadModelRows },
  signal: AbortSignal,
): Promise<boolean> {
  let retryMs = RETRY_MS_MIN;
  for (let failures = 1; ; failures++) {
    try {
      await store.journal.append(what.entry, what.rows);
      if (failures > 1) onTrouble(null);
      return true;
    } catch (error) {
      if (!isPortError(error) || !error.isRetriable) throw error;
      if (signal.aborted) return false;
      onTrouble(`the store does not answer (${error.code}): nothing is opened until it does`);
      const fields = { entry: what.entry.entry, code: error.code, failures, retryMs };
      if (failures === FAILURES_UNTIL_ALERT) log.error(fields, `cannot commit: ${error.message}`);
      else log.debug(fields, `the append is tried again: ${error.message}`);
    }
    await clock.sleep(retryMs, signal);
    retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
  }
}
