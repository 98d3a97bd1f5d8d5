/**
 * What waits between a source and one subscriber: bounded, pulled, and freed when the subscriber leaves.
 *
 * Values of one key replace each other, so that a subscriber that does not pull keeps only what is newest.
 */

/** Values until it ends or fails; `return()` leaves the source and frees what was kept for it. */
export type Stream<T> = AsyncIterableIterator<T, undefined, undefined>;

export interface Channel<T> extends Stream<T> {
  push(value: T): void;
  /** Gives what is queued, then ends. */
  finish(): void;
  /** Drops what is queued; the next pull fails with the error, then it has ended. */
  fail(error: Error): void;
  return(): Promise<IteratorReturnResult<undefined>>;
}

export interface ChannelOptions<T> {
  /** Most values that wait. */
  readonly capacity: number;
  /** Values of the same key replace each other; left out: every value counts. */
  readonly keyOf?: (value: T) => string;
  /** The error that a subscriber ends with when it falls behind; left out: its oldest value is dropped. */
  readonly overflow?: () => Error;
  /** Values to begin with, beside the capacity. */
  readonly initial?: readonly T[];
  /** Called once, when it has ended for whatever reason. */
  readonly onEnd?: () => void;
}

type Result<T> = IteratorResult<T, undefined>;

interface Waiter<T> {
  resolve(result: Result<T>): void;
  reject(error: Error): void;
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

export function createChannel<T>(options: ChannelOptions<T>): Channel<T> {
  const { capacity, keyOf, overflow, initial = [], onEnd } = options;
  const queue = new Map<string | number, T>();
  const waiters: Waiter<T>[] = [];
  let pushed = 0;
  let hasEnded = false;
  let failure: Error | null = null;
  let room = capacity + initial.length;

  const enqueue = (value: T): void => {
    const key = keyOf ? keyOf(value) : pushed++;
    queue.delete(key);
    queue.set(key, value);
  };
  const end = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    onEnd?.();
  };
  const take = (): T => {
    const [key, value] = queue.entries().next().value as [string | number, T];
    queue.delete(key);
    room = Math.max(capacity, room - 1);
    return value;
  };
  const fail = (error: Error): void => {
    if (hasEnded) return;
    queue.clear();
    const waiter = waiters.shift();
    if (waiter) waiter.reject(error);
    else failure = error;
    for (const other of waiters.splice(0)) other.resolve(DONE);
    end();
  };
  const keepWithinRoom = (): void => {
    if (queue.size <= room) return;
    if (overflow) fail(overflow());
    else take();
  };
  initial.forEach(enqueue);

  return {
    push(value) {
      if (hasEnded) return;
      const waiter = waiters.shift();
      if (waiter) return waiter.resolve({ done: false, value });
      enqueue(value);
      keepWithinRoom();
    },
    finish() {
      for (const waiter of waiters.splice(0)) waiter.resolve(DONE);
      end();
    },
    fail,
    next() {
      if (queue.size > 0) return Promise.resolve({ done: false, value: take() });
      if (failure) {
        const error = failure;
        failure = null;
        return Promise.reject(error);
      }
      if (hasEnded) return Promise.resolve(DONE);
      return new Promise<Result<T>>((resolve, reject) => waiters.push({ resolve, reject }));
    },
    return() {
      queue.clear();
      failure = null;
      for (const waiter of waiters.splice(0)) waiter.resolve(DONE);
      end();
      return Promise.resolve(DONE);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
