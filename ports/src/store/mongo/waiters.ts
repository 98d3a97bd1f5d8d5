/** Those who wait until the read models have an entry. */
import type { Clock } from '../../clock/clock.js';
import { OVER } from '../../clock/over.js';

interface Waiter {
  readonly entry: number;
  resolve(): void;
  /** Left out: failures do not concern it. */
  reject?(error: unknown): void;
}

export interface Waiters {
  /** Resolves when the entry is reached. @throws what `failed` is told before */
  forEntry(entry: number): Promise<void>;
  /** Whether the entry was reached within a time, whatever failed meanwhile. */
  within(entry: number, limitMs: number): Promise<boolean>;
  /** Whether anybody waits. */
  areThere(): boolean;
  reached(entry: number): void;
  failed(error: unknown): void;
}

export function createWaiters(clock: Clock): Waiters {
  let waiters: readonly Waiter[] = [];
  const add = (waiter: Waiter): void => void (waiters = [...waiters, waiter]);
  const remove = (gone: readonly Waiter[]): void => void (waiters = waiters.filter((each) => !gone.includes(each)));

  return {
    forEntry: (entry) => new Promise((resolve, reject) => add({ entry, resolve, reject })),
    async within(entry, limitMs) {
      const over = new AbortController();
      const late = clock.sleep(limitMs, over.signal).then(() => false);
      const reached = new Promise<boolean>((resolve) => {
        const waiter = { entry, resolve: () => resolve(true) };
        over.signal.addEventListener('abort', () => remove([waiter]), { once: true });
        add(waiter);
      });
      try {
        return await Promise.race([reached, late]);
      } finally {
        over.abort(OVER);
      }
    },
    areThere: () => waiters.length > 0,
    reached(through) {
      const over = waiters.filter(({ entry }) => through >= entry);
      remove(over);
      for (const { resolve } of over) resolve();
    },
    failed(error) {
      const told = waiters.filter(({ reject }) => reject);
      remove(told);
      for (const { reject } of told) reject?.(error);
    },
  };
}
