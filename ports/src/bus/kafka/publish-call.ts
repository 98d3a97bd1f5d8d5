/** One publish call while it is under way: collects the offsets of its records, and fails when its time is over. */
import { PortError } from '../../errors.js';
import { PUBLISH_TIMEOUT_MS } from './limits.js';
import type { Call } from './outbox.js';

export interface PublishCall extends Call {
  /** Offsets in the order of the records. */
  readonly done: Promise<readonly number[]>;
  /** Monotonic time at which it is given up. */
  readonly deadlineMs: number;
  /** Its time is over. */
  expire(): void;
}

export function createPublishCall(what: string, records: number, nowMs: number): PublishCall {
  const offsets = new Array<number>(records);
  let left = records;
  let isSettled = false;
  let isSent = false;
  let trouble: PortError | null = null;
  let resolve: (offsets: readonly number[]) => void;
  let reject: (error: PortError) => void;
  const done = new Promise<readonly number[]>((onDone, onFailure) => {
    resolve = onDone;
    reject = onFailure;
  });

  const fail = (error: PortError): void => {
    isSettled = true;
    reject(error);
  };

  return {
    done,
    deadlineMs: nowMs + PUBLISH_TIMEOUT_MS,
    isSettled: () => isSettled,
    fail,
    expire() {
      const why = trouble ? `: ${trouble.message}` : '';
      const outcome = isSent ? 'some of it may have been published' : 'nothing of it was sent';
      const message = `${what} was not acknowledged within ${PUBLISH_TIMEOUT_MS} ms, ${outcome}${why}`;
      fail(new PortError(isSent ? 'TIMEOUT' : 'UNAVAILABLE', message, trouble ?? undefined));
    },
    noteSent() {
      isSent = true;
    },
    noteTrouble(error) {
      trouble = error;
    },
    take(index, offset) {
      offsets[index] = offset;
      left -= 1;
      if (left > 0 || isSettled) return;
      isSettled = true;
      resolve(offsets);
    },
  };
}
