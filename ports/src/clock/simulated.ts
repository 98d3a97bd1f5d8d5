import type { Instant } from '@kairos/schema';
import type { Clock } from './clock.js';

/** A clock that a test moves. Sleepers wake in order of their time when it is advanced past it. */
export interface SimulatedClock extends Clock {
  /** Moves wall and monotonic time together and wakes who is due; resolves when their turns have run. */
  advance(ms: number): Promise<void>;
  /** Moves the wall clock alone, as when a machine's time is set. */
  jump(ms: number): void;
}

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

export function createSimulatedClock(start: Instant): SimulatedClock {
  let wallOffset: number = start;
  let elapsed = 0;
  /** In the order in which they began. */
  const sleepers = new Set<Sleeper>();

  return {
    now: () => (wallOffset + elapsed) as Instant,
    monotonicMs: () => elapsed,
    sleep: (ms, ending) =>
      new Promise((resolve) => {
        if (ending?.aborted) return resolve();
        const wake = (): void => {
          sleepers.delete(sleeper);
          ending?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper: Sleeper = { due: elapsed + ms, wake };
        sleepers.add(sleeper);
        ending?.addEventListener('abort', wake, { once: true });
      }),
    async advance(ms) {
      const target = elapsed + ms;
      for (;;) {
        const due = nextDue(sleepers, target);
        if (!due) break;
        elapsed = Math.max(elapsed, due.due);
        due.wake();
        await settle();
      }
      elapsed = target;
      await settle();
    },
    jump(ms) {
      wallOffset += ms;
    },
  };
}

/** Of those that are due by then the first; of several at one time the one that began first. */
function nextDue(sleepers: ReadonlySet<Sleeper>, target: number): Sleeper | null {
  let first: Sleeper | null = null;
  for (const sleeper of sleepers) {
    if (sleeper.due <= target && (first === null || sleeper.due < first.due)) first = sleeper;
  }
  return first;
}

/** Lets everything that became ready run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
