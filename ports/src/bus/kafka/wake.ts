/** Wakes whoever waits for something to happen. */
import type { Clock } from '../../clock/clock.js';
import { OVER } from '../../clock/over.js';

export interface Wake {
  /** Something has happened. */
  note(): void;
  /** Resolves at the next `note`, or after `ms`. */
  wait(ms: number): Promise<void>;
}

export function createWake(clock: Clock): Wake {
  const waiting = new Set<AbortController>();
  return {
    note() {
      for (const waiter of waiting) waiter.abort(OVER);
      waiting.clear();
    },
    async wait(ms) {
      const waiter = new AbortController();
      waiting.add(waiter);
      await clock.sleep(ms, waiter.signal);
      waiting.delete(waiter);
    },
  };
}
