/** Publishing: calls are split by partition; what their partitions' outlets have taken is durable. */
import type { Topic } from '@kairos/schema';
import { PortError } from '../../errors.js';
import type { PlacedRecord } from '../common/placement.js';
import { WAITING_BYTES_MAX } from './limits.js';
import type { Waiting } from './outbox.js';
import { weightOf } from './outbox.js';
import type { Outlet } from './outlet.js';
import { createOutlet } from './outlet.js';
import type { PartitionDeps } from './partitions.js';
import type { PublishCall } from './publish-call.js';
import { createPublishCall } from './publish-call.js';
import { OVER } from '../../clock/over.js';

export interface Producer {
  /**
   * Offsets in the order of the records, within `PUBLISH_TIMEOUT_MS`.
   * @throws PortError TIMEOUT when some may have been published; UNAVAILABLE, INVALID
   */
  publish(topic: Topic, records: readonly PlacedRecord[]): Promise<readonly number[]>;
  close(): void;
}

const encoder = new TextEncoder();

export function createProducer(deps: PartitionDeps): Producer {
  const { clock } = deps.cluster;
  const lane = deps.cluster.openLane();
  const closing = new AbortController();
  const outlets = new Map<string, Outlet>();
  const calls = new Set<PublishCall>();
  let waitingBytes = 0;
  let isWatching = false;

  function outletOf(topic: Topic, partition: number): Outlet {
    const name = `${topic}/${partition}`;
    const outlet = outlets.get(name) ?? createOutlet({ ...deps, lane, signal: closing.signal }, topic, partition);
    outlets.set(name, outlet);
    return outlet;
  }

  function spread(topic: Topic, call: PublishCall, records: readonly PlacedRecord[]): number {
    const parts = new Map<number, Waiting[]>();
    let bytes = 0;
    records.forEach(({ key, value, partition }, index) => {
      const record = { key: key === null ? null : encoder.encode(key), value: value.slice(), call, index };
      bytes += weightOf(record);
      const part = parts.get(partition);
      if (part) part.push(record);
      else parts.set(partition, [record]);
    });
    for (const [partition, part] of parts) outletOf(topic, partition).push(part);
    return bytes;
  }

  /** Fails calls whose time is over; they are in order of it, so one timer serves all. */
  async function watch(): Promise<void> {
    if (isWatching) return;
    isWatching = true;
    for (let [first] = calls; first && !closing.signal.aborted; [first] = calls) {
      const leftMs = first.deadlineMs - clock.monotonicMs();
      if (leftMs > 0) await clock.sleep(leftMs, closing.signal);
      else if (calls.delete(first)) first.expire();
    }
    isWatching = false;
  }

  return {
    async publish(topic, records) {
      if (waitingBytes > WAITING_BYTES_MAX) {
        const message = `${waitingBytes} bytes wait to be published already: nothing of this call was sent`;
        throw new PortError('UNAVAILABLE', message);
      }
      const call = createPublishCall(`what was published to ${topic}`, records.length, clock.monotonicMs());
      calls.add(call);
      void watch();
      const bytes = spread(topic, call, records);
      waitingBytes += bytes;
      try {
        return await call.done;
      } finally {
        waitingBytes -= bytes;
        calls.delete(call);
      }
    },
    close() {
      closing.abort(OVER);
      lane.close();
      const reason = new PortError('CLOSED', 'the bus was closed before what was published was acknowledged');
      for (const call of calls) call.fail(reason);
    },
  };
}
