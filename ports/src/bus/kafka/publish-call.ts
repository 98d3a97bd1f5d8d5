/** One publish call while it is under way: collects the offsets of its records, and fails when its time is over. */
import type { Clock } from '../../clock/clock.js';
import { PortError } from '../../errors.js';
import { PUBLISH_TIMEOUT_MS } from './limits.js';
import type { Call } from './outbox.js';

export interface PublishCall extends Call {
  /** Offsets in the order of the records. */
  readonly done: Promise<readonly number[]>;
}

export function createPublishCall(clock: Clock, what: string, records: number): PublishCall {
  const offsets = new Array<number>(records);
  const settled = new AbortController();
  let left = records;
  let isSent = false;
  let trouble: PortError | null = null;
  let resolve: (offsets: readonly number[]) => void;
  let reject: (error: PortError) => void;
  const done = new Promise<readonly number[]>((onDone, onFailure) => {
    resolve = onDone;
    reject = onFailure;
  });

  const fail = (error: PortError): void => {
    settled.abort();
    reject(error);
  };

  void clock.sleep(PUBLISH_TIMEOUT_MS, settled.signal).then(() => {
    if (settled.signal.aborted) return;
    const why = trouble ? `: ${trouble.message}` : '';
    const outcome = isSent ? 'some of it may have been published' : 'nothing of it was sent';
    const message = `${what} was not acknowledged within ${PUBLISH_TIMEOUT_MS} ms, ${outcome}${why}`;
    fail(new PortError(isSent ? 'TIMEOUT' : 'UNAVAILABLE', message, trouble ?? undefined));
  });

  return {
    done,
    isSettled: () => settled.signal.aborted,
    fail,
    noteSent() {
      isSent = true;
    },
    noteTrouble(error) {
      trouble = error;
    },
    take(index, offset) {
      offsets[index] = offset;
      left -= 1;
      if (left > 0 || settled.signal.aborted) return;
      settled.abort();
      resolve(offsets);
    },
  };
}
