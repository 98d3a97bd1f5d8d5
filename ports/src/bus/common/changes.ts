/** Counts changes of a bus as far as this process knows of them, and wakes whoever waits for the next one. */
import type { Clock } from '../../clock/clock.js';

export interface Changes {
  readonly count: number;
  note(): void;
  /** Resolves at the first change after `since` (a former `count`), or after `ms`. */
  wait(since: number, ms: number): Promise<void>;
}

export function createChanges(clock: Clock): Changes {
  let count = 0;
  const waiting = new Set<AbortController>();
  return {
    get count() {
      return count;
    },
    note() {
      count += 1;
      for (const waiter of waiting) waiter.abort();
    },
    async wait(since, ms) {
      if (since !== count) return;
      const waiter = new AbortController();
      waiting.add(waiter);
      await clock.sleep(ms, waiter.signal);
      waiting.delete(waiter);
    },
  };
}
