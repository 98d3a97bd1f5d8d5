/** Calls to bus and store that do not answer now are made again, with the same arguments, for a bounded time. */
import type { Clock, Log } from '@kairos/ports';
import { isPortError } from '@kairos/ports';
import { RETRY_FOR_MS_MAX, RETRY_MS_MAX, RETRY_MS_MIN } from '../limits.js';

/** Thrown where a call is given up because the service is being stopped. */
export class Stopping extends Error {
  override readonly name = 'Stopping';
}

export interface Retry {
  /**
   * The result of `call`, made again while it fails in a way that may pass: after 0.1 s doubling to 5 s, for 10 minutes.
   *
   * @throws what the call throws when that cannot pass or the time is over; Stopping once the service is being stopped.
   */
  run<T>(what: string, call: () => Promise<T>): Promise<T>;
  /** The result of what is under way. @throws Stopping as soon as the service is being stopped */
  unlessStopping<T>(underWay: Promise<T>): Promise<T>;
  /** What does not answer at the moment, in words; null while all is well. */
  trouble(): string | null;
}

export function createRetry(deps: { clock: Clock; log: Log; signal: AbortSignal }): Retry {
  const { clock, log, signal } = deps;
  let trouble: string | null = null;

  async function pause(what: string, error: Error, waitMs: number): Promise<void> {
    if (trouble === null) log.warn({ error: error.message }, `cannot ${what}: trying again`);
    trouble = `cannot ${what} (${error.message}): trying again`;
    await clock.sleep(waitMs, signal);
  }

  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Stopping('the predictor is being stopped')), { once: true });
  });
  stopped.catch(() => undefined);

  return {
    unlessStopping: (underWay) => Promise.race([underWay, stopped]),
    trouble: () => trouble,
    async run(what, call) {
      const until = clock.monotonicMs() + RETRY_FOR_MS_MAX;
      for (let waitMs = RETRY_MS_MIN; ; waitMs = Math.min(RETRY_MS_MAX, 2 * waitMs)) {
        if (signal.aborted) throw new Stopping('the predictor is being stopped');
        try {
          const result = await call();
          trouble = null;
          return result;
        } catch (error) {
          if (signal.aborted) throw new Stopping('the predictor is being stopped', { cause: error });
          const canPass = isPortError(error) && error.isRetriable && clock.monotonicMs() < until;
          if (!canPass) throw error;
          await pause(what, error, waitMs);
        }
      }
    },
  };
}
