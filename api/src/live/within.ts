/** A limit on how long something may take. */
import type { Clock } from '@kairos/ports';
import { PortError } from '@kairos/ports';

/** What `work` comes to. @throws PortError TIMEOUT when it takes longer: the outcome is unknown then */
export async function within<T>(clock: Clock, limitMs: number, work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const tooLate = clock.sleep(limitMs, done.signal).then((): T => {
    throw new PortError('TIMEOUT', `Expected an answer within ${limitMs} ms, found none.`);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    tooLate.catch(() => undefined);
    done.abort();
  }
}
