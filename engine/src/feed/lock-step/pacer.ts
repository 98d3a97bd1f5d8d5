/** How fast groups may be published: credit that grows with real time, one per group. */
import type { Clock } from '@kairos/ports';
import { SECOND_MS } from '@kairos/schema';

/** Credit that a held-up feed may save: it goes on at its speed instead of making up for lost time. */
const SAVED_MS_MAX = SECOND_MS;

export interface Pacer {
  /** Groups that are due now. */
  due(): number;
  /** Uses up the credit of one group. */
  spend(): void;
  /** Until the next group is due; 0 when one is. */
  waitMs(): number;
}

export interface PacerOptions {
  /** Real milliseconds per group; 0 = no limit. */
  readonly stepMs: number;
  /** Part of a group that is due at the start, 0 to 1. */
  readonly initial: number;
}

export function createPacer(clock: Clock, { stepMs, initial }: PacerOptions): Pacer {
  if (stepMs === 0) return { due: () => Infinity, spend: () => undefined, waitMs: () => 0 };
  const creditMax = 1 + Math.max(1, SAVED_MS_MAX / stepMs);
  let credit = initial;
  let lastMs = clock.monotonicMs();
  const refresh = () => {
    const nowMs = clock.monotonicMs();
    credit = Math.min(creditMax, credit + (nowMs - lastMs) / stepMs);
    lastMs = nowMs;
  };
  return {
    due() {
      refresh();
      return Math.floor(credit + CREDIT_TOLERANCE);
    },
    spend() {
      credit -= 1;
    },
    waitMs() {
      refresh();
      return Math.max(0, Math.ceil((1 - CREDIT_TOLERANCE - credit) * stepMs));
    },
  };
}

/** Sums of fractions fall short of whole numbers by rounding; a group is due this part of a step early. */
const CREDIT_TOLERANCE = 1e-9;
