/** One poll at a time, within bounds, and none after close. */
import { PortError } from '../../errors.js';
import { POLL_RECORDS_MAX } from '../bus.js';

export interface PollGate {
  /** @throws PortError INVALID for a call that is wrong, CLOSED after `close`. */
  run<T>(recordsMax: number, waitMs: number, poll: () => Promise<T>): Promise<T>;
  /** @throws PortError CLOSED */
  checkOpen(): void;
  close(): void;
}

/** `what`: what is polled, as errors call it. */
export function createPollGate(what: string): PollGate {
  let isPolling = false;
  let isClosed = false;

  const checkOpen = (): void => {
    if (isClosed) throw new PortError('CLOSED', `expected an open ${what}, found a closed one: open another`);
  };

  return {
    async run(recordsMax, waitMs, poll) {
      checkOpen();
      checkCall(recordsMax, waitMs);
      if (isPolling) throw new PortError('INVALID', 'expected one poll at a time: await the one under way');
      isPolling = true;
      try {
        return await poll();
      } finally {
        isPolling = false;
      }
    },
    checkOpen,
    close() {
      isClosed = true;
    },
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
