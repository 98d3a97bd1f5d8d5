/** A limit on how long something may take. */
import type { Clock } from '@kairos/ports';
import { LATE, orLate, PortError } from '@kairos/ports';

/** What `work` comes to. @throws PortError TIMEOUT when it takes longer: the outcome is unknown then */
export async function within<T>(clock: Clock, limitMs: number, work: Promise<T>): Promise<T> {
  const outcome = await orLate(clock, limitMs, work);
  if (outcome === LATE) throw new PortError('TIMEOUT', `Expected an answer within ${limitMs} ms, found none.`);
  return outcome;
}
