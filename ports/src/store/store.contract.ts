/** What every store must do, whatever stands behind it: run by each adapter's test. */
import { describe } from 'vitest';
import { appStoreContract } from './app-store.contract.js';
import { journalContract } from './journal.contract.js';
import { listsContract } from './lists.contract.js';
import { readModelsContract } from './read-models.contract.js';
import { seriesContract } from './series.contract.js';
import { signalsContract } from './signals.contract.js';
import type { Retention } from './retention.js';
import type { Store } from './store.js';

/** One set of stored things that several clients share. */
export interface StoreUnderTest {
  /** Another client of the same store, as another process would be. */
  connect(): Promise<Store>;
  /** Closes every client and removes what is stored. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Makes an empty store. */
export type OpenStoreUnderTest = (options?: { readonly retention?: Retention }) => Promise<StoreUnderTest>;

export function storeContract(name: string, open: OpenStoreUnderTest): void {
  describe(`${name} store`, () => {
    journalContract(open);
    readModelsContract(open);
    listsContract(open);
    signalsContract(open);
    seriesContract(open);
    appStoreContract(open);
  });
}
