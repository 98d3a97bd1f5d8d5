/** Those who wait until the read models have an entry. */
import type { Clock } from '../../clock/clock.js';
import { LATE, orLate } from '../../clock/or-late.js';

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
      let resolve: () => void = () => undefined;
      const reached = new Promise<void>((settle) => (resolve = settle));
      const waiter = { entry, resolve };
      add(waiter);
      const outcome = await orLate(clock, limitMs, reached);
      remove([waiter]);
      return outcome !== LATE;
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
