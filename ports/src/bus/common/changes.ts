/** Counts changes of a bus as far as this process knows of them, and wakes whoever waits for the next one. */
import { setMaxListeners } from 'node:events';
import type { Clock } from '../../clock/clock.js';

export interface Changes {
  readonly count: number;
  note(): void;
  /** Resolves at the first change after `since` (a former `count`), or after `ms`. */
  wait(since: number, ms: number): Promise<void>;
}

/** Said to those who wait, so that no error is made up for it. */
const CHANGED = 'changed';

export function createChanges(clock: Clock): Changes {
  let count = 0;
  /** All who wait share one, made when the first of them comes. */
  let waiting: AbortController | null = null;

  const begin = (): AbortController => {
    const begun = new AbortController();
    setMaxListeners(0, begun.signal);
    return begun;
  };

  return {
    get count() {
      return count;
    },
    note() {
      count += 1;
      const woken = waiting;
      waiting = null;
      woken?.abort(CHANGED);
    },
    async wait(since, ms) {
      if (since !== count) return;
      waiting ??= begin();
      await clock.sleep(ms, waiting.signal);
    },
  };
}
