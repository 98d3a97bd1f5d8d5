/** Records waiting to be published to one partition, in order, and the batches made of them. */
import type { PortError } from '../../errors.js';
import type { BatchRecord } from './batch-encode.js';
import { BATCH_OVERHEAD_BYTES, RECORD_OVERHEAD_BYTES } from './batch-encode.js';
import { BATCH_BYTES_MAX } from './limits.js';

/** One publish call. */
export interface Call {
  /** The record at this place of the call is durable. */
  take(index: number, offset: number): void;
  fail(error: PortError): void;
  /** Some of it is on its way now; `trouble` says why it is not there yet, null at first. */
  noteSent(): void;
  noteTrouble(trouble: PortError): void;
  isSettled(): boolean;
}

export interface Waiting extends BatchRecord {
  readonly call: Call;
  /** Place among the call's records. */
  readonly index: number;
}

export interface Outbox {
  push(record: Waiting): void;
  /** The records to send together next, of calls that are still waited for; empty when nothing waits. */
  shift(): readonly Waiting[];
}

export const weightOf = ({ key, value }: BatchRecord): number =>
  (key?.length ?? 0) + value.length + RECORD_OVERHEAD_BYTES;

export function createOutbox(): Outbox {
  let waiting: Waiting[] = [];
  return {
    push: (record) => void waiting.push(record),
    shift() {
      let bytes = BATCH_OVERHEAD_BYTES;
      let at = 0;
      const batch: Waiting[] = [];
      for (; at < waiting.length; at++) {
        const record = waiting[at]!;
        if (record.call.isSettled()) continue;
        bytes += weightOf(record);
        if (batch.length > 0 && bytes > BATCH_BYTES_MAX) break;
        batch.push(record);
      }
      waiting = waiting.slice(at);
      return batch;
    },
  };
}
