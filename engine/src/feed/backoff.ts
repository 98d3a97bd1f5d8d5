/** Waiting times between tries of something that fails: 0.1 s doubling to 5 s, spread by chance. */
export const BACKOFF_MS_MIN = 100;
export const BACKOFF_MS_MAX = 5_000;

export interface Backoff {
  /** Whole milliseconds to wait before the next try: half to all of the current step. */
  next(): number;
  /** After a success: begin again with the shortest. */
  reset(): void;
}

/** `random` gives numbers from 0 to below 1. */
export function createBackoff(random: () => number): Backoff {
  let stepMs = BACKOFF_MS_MIN;
  return {
    next() {
      const waitMs = Math.ceil(stepMs * (0.5 + random() / 2));
      stepMs = Math.min(BACKOFF_MS_MAX, stepMs * 2);
      return waitMs;
    },
    reset() {
      stepMs = BACKOFF_MS_MIN;
    },
  };
}
