/** The accounts that somebody looks at, read again after each commit: once, however many look. */
import type { AccountView, Store } from '@kairos/ports';
import { NotFoundError } from '../graphql/errors.js';

export interface WatchedAccounts {
  /** Calls the listener with the account at once and after each commit, until the returned function is called. */
  watch(accountId: string, listener: (view: AccountView) => void): Promise<() => void>;
  refresh(): Promise<void>;
}

/** More than this many are read with all others in one go. */
const SINGLE_READS_MAX = 16;

export function createWatchedAccounts(store: Store): WatchedAccounts {
  const listeners = new Map<string, Set<(view: AccountView) => void>>();

  const readAll = async (): Promise<readonly (AccountView | null)[]> =>
    listeners.size > SINGLE_READS_MAX
      ? store.readModels.accounts()
      : Promise.all([...listeners.keys()].map((id) => store.readModels.account(id)));

  const leave = (accountId: string, listener: (view: AccountView) => void): void => {
    const of = listeners.get(accountId);
    of?.delete(listener);
    if (of?.size === 0) listeners.delete(accountId);
  };

  return {
    async watch(accountId, listener) {
      const of = listeners.get(accountId) ?? new Set();
      listeners.set(accountId, of.add(listener));
      try {
        const view = await store.readModels.account(accountId);
        if (!view) throw new NotFoundError('This account');
        listener(view);
      } catch (error) {
        leave(accountId, listener);
        throw error;
      }
      return () => leave(accountId, listener);
    },
    async refresh() {
      if (listeners.size === 0) return;
      for (const view of await readAll()) {
        if (view) for (const listener of listeners.get(view.account.id) ?? []) listener(view);
      }
    },
  };
}
