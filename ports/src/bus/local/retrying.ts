/** Repeats what found the file busy, without blocking the process in between, for a bounded time. */
import type { Clock } from '../../clock/clock.js';
import { PortError } from '../../errors.js';
import { BusyError } from './database.js';

/** How long a call goes on trying while other processes keep the file busy. */
export const BUSY_TOTAL_MS = 5_000;
const PAUSE_MS_MIN = 5;
const PAUSE_MS_MAX = 100;

/** @throws PortError UNAVAILABLE when the file stayed busy; nothing was done then. */
export async function retrying<T>(clock: Clock, attempt: () => T): Promise<T> {
  const deadline = clock.monotonicMs() + BUSY_TOTAL_MS;
  for (let pauseMs = PAUSE_MS_MIN; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX)) {
    try {
      return attempt();
    } catch (error) {
      if (!(error instanceof BusyError)) throw error;
      if (clock.monotonicMs() >= deadline) {
        throw new PortError(
          'UNAVAILABLE',
          `the bus was kept busy by others for ${BUSY_TOTAL_MS} ms; nothing was done: try again`,
          error,
        );
      }
    }
    await clock.sleep(pauseMs);
  }
}
