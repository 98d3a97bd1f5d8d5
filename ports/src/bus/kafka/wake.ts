/** Wakes whoever waits for something to happen. */
import type { Clock } from '../../clock/clock.js';
import type { Ender } from '../../clock/ending.js';
import { createEnder } from '../../clock/ending.js';

export interface Wake {
  /** Something has happened. */
  note(): void;
  /** Resolves at the next `note`, or after `ms`. */
  wait(ms: number): Promise<void>;
}

export function createWake(clock: Clock): Wake {
  const waiting = new Set<Ender>();
  return {
    note() {
      for (const waiter of waiting) waiter.end();
      waiting.clear();
    },
    async wait(ms) {
      const waiter = createEnder();
      waiting.add(waiter);
      await clock.sleep(ms, waiter);
      waiting.delete(waiter);
    },
  };
}
