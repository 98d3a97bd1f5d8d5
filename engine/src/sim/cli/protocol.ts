/** What pool and workers tell each other. */
import type { Verdict } from '../run-seed.js';

/** Seeds for a worker to run, one after the other. */
export interface Assignment {
  readonly from: number;
  readonly count: number;
}

/** From a worker: a seed is begun, has failed, or an assignment is done. */
export type Report =
  | { readonly kind: 'begun'; readonly seed: number }
  | { readonly kind: 'failed'; readonly verdict: Verdict }
  | { readonly kind: 'done'; readonly events: number };
