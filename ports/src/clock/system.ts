import type { Instant } from '@kairos/schema';
import type { Clock } from './clock.js';

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now() as Instant,
  monotonicMs: () => performance.now(),
  sleep: (ms, ending) =>
    new Promise((resolve) => {
      if (ending?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        ending?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      ending?.addEventListener('abort', done, { once: true });
    }),
};
