/** What committed entries of one shard mean, until the read models have it. */
import type { Changes } from '../projection.js';

export interface ChangesQueue {
  readonly length: number;
  /** Takes an entry; one that is not after all those before it is left out, as the journal has it. */
  push(changes: Changes): void;
  dropThrough(entry: number): void;
  /** The consecutive entries after one, at most `limit`; none where the next one was never offered. */
  after(entry: number, limit: number): readonly Changes[];
}

export function createChangesQueue(): ChangesQueue {
  const queue: Changes[] = [];
  return {
    get length() {
      return queue.length;
    },
    push(changes) {
      if (changes.progress.entry > (queue.at(-1)?.progress.entry ?? 0)) queue.push(changes);
    },
    dropThrough(entry) {
      while (queue[0] && queue[0].progress.entry <= entry) queue.shift();
    },
    after(entry, limit) {
      const gap = queue.findIndex((changes, index) => changes.progress.entry !== entry + 1 + index);
      return queue.slice(0, gap < 0 ? limit : Math.min(gap, limit));
    },
  };
}
