import type { Instant } from '@kairos/schema';

/** Time as an input: nothing else in the house asks the machine for it. */
export interface Clock {
  /** Wall clock. */
  now(): Instant;
  /** Milliseconds that only ever grow: for durations and time-outs. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when the signal aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
