/** What is known of accounts from one answer to the next, for as many accounts as are asked about. */

/** Accounts that something is kept of; the one not asked about the longest goes first. */
export const ACCOUNTS_KEPT_MAX = 1_000;

export interface Kept<T> {
  /**
   * Takes what is kept of an account further. Changes of one account are made one after the other, so that nothing is
   * read twice; one that fails leaves what was there.
   */
  change<R>(accountId: string, make: (value: T) => Promise<{ readonly next: T; readonly answer: R }>): Promise<R>;
}

export function createKept<T>(initial: T): Kept<T> {
  const values = new Map<string, Promise<T>>();
  return {
    async change(accountId, make) {
      const before = values.get(accountId) ?? Promise.resolve(initial);
      const made = before.then(make);
      const after = made.then(
        ({ next }) => next,
        () => before,
      );
      values.delete(accountId);
      values.set(accountId, after);
      for (const oldest of values.keys()) {
        if (values.size <= ACCOUNTS_KEPT_MAX) break;
        values.delete(oldest);
      }
      return (await made).answer;
    },
  };
}
