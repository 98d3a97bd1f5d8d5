/** Waits between tries: from 0.1 s doubling to 5 s, each shortened at random by up to a half, so that not all come at once. */
import type { Clock } from '../../clock/clock.js';
import { BACKOFF_MS_MAX, BACKOFF_MS_MIN } from './limits.js';

export interface Backoff {
  /** Waits before the next try; `signal` ends the wait. */
  wait(signal?: AbortSignal): Promise<void>;
  /** After a success: the next wait is the shortest again. */
  reset(): void;
}

/** `random`: 0 to below 1. */
export function createBackoff({ clock, random }: { readonly clock: Clock; readonly random: () => number }): Backoff {
  let ms = BACKOFF_MS_MIN;
  return {
    async wait(signal) {
      const waitMs = ms * (1 - random() / 2);
      ms = Math.min(ms * 2, BACKOFF_MS_MAX);
      await clock.sleep(waitMs, signal);
    },
    reset() {
      ms = BACKOFF_MS_MIN;
    },
  };
}
