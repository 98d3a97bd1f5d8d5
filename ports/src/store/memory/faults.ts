/** Faults that a test puts between a client and the memory store. */

/** What a client asks: a method of the store, such as `journal.append` or `readModels.trades`. */
export interface StoreCall {
  readonly method: string;
  /** Counts the calls of this client, whatever their method, from 1. */
  readonly call: number;
}

/**
 * What goes wrong with a call.
 *
 * - `before`: it fails and nothing has happened.
 * - `after`: it has taken effect, but the client is not told: TIMEOUT.
 * - `slow`: it takes effect, and is answered, `ms` later by the store's clock.
 * - `full`: there is no room left: FULL, and nothing has happened.
 */
export type StoreFault =
  | { readonly kind: 'before' }
  | { readonly kind: 'after' }
  | { readonly kind: 'full' }
  | { readonly kind: 'slow'; readonly ms: number };

/** Asked once per call, in order: what goes wrong with it; null = nothing. Must be a function of the calls alone. */
export type StoreFaults = (call: StoreCall) => StoreFault | null;

export const noFaults: StoreFaults = () => null;

/** Faults for the first calls of one method, one after the other; null = that call works. */
export function faultsOf(method: string, faults: readonly (StoreFault | null)[]): StoreFaults {
  let next = 0;
  return (call) => (call.method === method ? (faults[next++] ?? null) : null);
}
