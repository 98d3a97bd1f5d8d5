/** Waiting for what another process does, always with a limit. */
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 50;

/**
 * Tries until it resolves; the last failure is the cause when it has not within `msMax`. Anything `stopWhen()` gives is
 * thrown at once.
 */
export async function retryUntil(what, attempt, { msMax, stopWhen = () => null }) {
  const began = performance.now();
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const final = stopWhen();
      if (final) throw final;
      if (performance.now() - began > msMax) {
        throw new Error(`Expected ${what} within ${msMax} ms, found: ${error.message}`, { cause: error });
      }
    }
    await sleep(LOOK_MS);
  }
}

/** Looks until it holds. @throws Error when it has not within `msMax` */
export function until(what, holds, msMax) {
  const look = async () => {
    if (!(await holds())) throw new Error('it does not hold');
  };
  return retryUntil(what, look, { msMax });
}
