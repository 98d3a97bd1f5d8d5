/** The loop inside `poll`: look, take, wait for a change, until there is something or the time is over. */
import type { Clock } from '../../clock/clock.js';
import { PortError } from '../../errors.js';
import type { BusRecord } from '../bus.js';
import { POLL_RECORDS_MAX } from '../bus.js';
import type { BusBackend } from './backend.js';
import type { Subject } from './changes.js';

export interface Polling {
  poll(recordsMax: number, waitMs: number): Promise<BusRecord[]>;
  /** Looks again what there is to take. */
  wake(): void;
  /** Ends a waiting poll with an empty list; later ones are refused. */
  close(): void;
  /** @throws PortError CLOSED */
  checkOpen(): void;
}

export interface PollingOptions {
  /** What is given next, without waiting. */
  readonly take: (recordsMax: number) => Promise<BusRecord[]>;
  /** What `take` depends on. */
  readonly subjects: readonly Subject[];
  /** Look again after this long at the latest. */
  readonly lookMs: number;
}

export function createPolling(
  deps: { readonly backend: BusBackend; readonly clock: Clock },
  options: PollingOptions,
): Polling {
  const { backend, clock } = deps;
  const watch = backend.changes.watch(options.subjects);
  let isClosed = false;
  let isPolling = false;

  async function pollUntil(deadline: number, recordsMax: number): Promise<BusRecord[]> {
    for (;;) {
      await backend.look();
      const seen = watch.count();
      const found = await options.take(recordsMax);
      const left = deadline - clock.monotonicMs();
      if (found.length > 0 || left <= 0 || isClosed) return found;
      await watch.wait(seen, Math.min(left, options.lookMs, backend.lookIntervalMs));
      if (isClosed) return [];
    }
  }

  const checkOpen = (): void => {
    if (isClosed) throw new PortError('CLOSED', 'expected an open reader, found a closed one: open another');
  };

  return {
    async poll(recordsMax, waitMs) {
      checkOpen();
      checkCall(recordsMax, waitMs);
      if (isPolling) throw new PortError('INVALID', 'expected one poll at a time: await the one under way');
      isPolling = true;
      try {
        return await pollUntil(clock.monotonicMs() + waitMs, recordsMax);
      } finally {
        isPolling = false;
      }
    },
    wake: () => watch.wake(),
    close() {
      isClosed = true;
      watch.wake();
    },
    checkOpen,
  };
}

function checkCall(recordsMax: number, waitMs: number): void {
  if (!Number.isInteger(recordsMax) || recordsMax < 1 || recordsMax > POLL_RECORDS_MAX) {
    throw new PortError('INVALID', `expected 1 to ${POLL_RECORDS_MAX} records to poll, found ${recordsMax}`);
  }
  if (!(waitMs >= 0 && waitMs < Infinity)) {
    throw new PortError('INVALID', `expected a waiting time of 0 ms or more, found ${waitMs}`);
  }
}
