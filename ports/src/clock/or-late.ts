/** Limits on how long something is waited for. */
import type { Clock } from './clock.js';
import { createEnder } from './ending.js';

/** What has taken too long comes to this. */
export const LATE: unique symbol = Symbol('late');

/** What `work` comes to within `ms`, else LATE: it goes on then, and nobody hears what becomes of it. */
export async function orLate<T>(clock: Pick<Clock, 'sleep'>, ms: number, work: Promise<T>): Promise<T | typeof LATE> {
  const timer = createEnder();
  const late = clock.sleep(ms, timer).then((): typeof LATE => LATE);
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.end();
  }
}
