import type { Instant } from '@kairos/schema';
import type { Ending } from './ending.js';

/** Time as an input: nothing else in the house asks the machine for it. */
export interface Clock {
  /** Wall clock. */
  now(): Instant;
  /** Milliseconds that only ever grow: for durations and time-outs. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when it is ended; never rejects. */
  sleep(ms: number, ending?: Ending): Promise<void>;
}
