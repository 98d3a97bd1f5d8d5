/** How often something is sent: at once on a change, then at most every so often, and at least every so often. */
import type { Clock } from '@kairos/ports';
import { createEnder } from '@kairos/ports';

export interface Pacer {
  /** Something has changed. */
  touch(): void;
  stop(): void;
}

export interface Pace {
  /** Shortest time between two sendings. */
  readonly gapMinMs: number;
  /** Longest time between two sendings; Infinity = only on changes. */
  readonly gapMaxMs: number;
}

/** With a gap of Infinity the pacer still looks round this often. */
const IDLE_MS = 60_000;

/** `send` must not throw. The first sending comes with the first change, or after the longest gap. */
export function createPacer(clock: Clock, { gapMinMs, gapMaxMs }: Pace, send: () => void): Pacer {
  let lastSentAt = clock.monotonicMs() - gapMinMs;
  let hasChanged = false;
  let isStopped = false;
  let wake = createEnder();

  const fire = (): void => {
    hasChanged = false;
    lastSentAt = clock.monotonicMs();
    send();
  };
  const run = async (): Promise<void> => {
    while (!isStopped) {
      const dueInMs = lastSentAt + (hasChanged ? gapMinMs : gapMaxMs) - clock.monotonicMs();
      if (dueInMs <= 0) {
        fire();
        continue;
      }
      wake = createEnder();
      await clock.sleep(Math.min(dueInMs, IDLE_MS), wake);
    }
  };
  void run();

  return {
    touch() {
      if (isStopped || hasChanged) return;
      hasChanged = true;
      if (clock.monotonicMs() - lastSentAt >= gapMinMs) fire();
      else wake.end();
    },
    stop() {
      isStopped = true;
      wake.end();
    },
  };
}
