/** One write after the other, in the order in which they were asked for. */
import { PortError } from '../../errors.js';

/** Writes of one process that may wait for their turn. */
export const WRITES_WAITING_MAX = 1_000;

export interface WriteQueue {
  /** @throws PortError UNAVAILABLE when too many wait; the work has not been begun then. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when all that waits has been done. */
  drained(): Promise<void>;
}

export function createWriteQueue(): WriteQueue {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    async run(work) {
      if (waiting >= WRITES_WAITING_MAX) {
        throw new PortError(
          'UNAVAILABLE',
          `expected at most ${WRITES_WAITING_MAX} writes to wait: publish more at once`,
        );
      }
      waiting += 1;
      const mine = last.then(work);
      last = mine.catch(() => undefined).finally(() => (waiting -= 1));
      return mine;
    },
    async drained() {
      while (waiting > 0) await last;
    },
  };
}
