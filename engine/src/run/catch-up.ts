/** A reader of its own for a view that is too far behind the others, until it is level with them. */
import type { BusRecord } from '@kairos/ports';
import type { Topic } from '@kairos/schema';
import type { Place } from './place.js';
import { arrived, queued } from './place.js';
import type { Positions, PumpDeps } from './pump.js';
import { POLL_RECORDS, startPump } from './pump.js';
import type { Item } from './window.js';
import { BUFFER_RECORDS_MAX } from './window.js';
import { woken } from './woken.js';

export interface CatchUpOptions<T> {
  readonly topic: Topic;
  readonly from: Positions;
  readonly itemsOf: (records: readonly BusRecord[]) => readonly Item<T>[];
  /** Joins the others where they have everything from these offsets on; false when they do not. */
  readonly join: (from: Positions) => boolean;
}

/** Begins to read for a place, which has its own reader from now on. */
export function catchUp<T>(deps: PumpDeps, place: Place<T>, options: CatchUpOptions<T>): void {
  const { topic, from, itemsOf, join } = options;
  const pump = startPump(deps, {
    topic,
    from,
    room: (signal) => roomIn(place, signal),
    take(records) {
      place.queue.push(...itemsOf(records));
      if (records.length > 0) arrived(place);
      return queued(place) <= POLL_RECORDS && join(pump.readTo);
    },
    onFailure(error) {
      if (place.own !== pump) return;
      place.failure = error;
      arrived(place);
    },
  });
  place.own = pump;
}

async function roomIn<T>(place: Place<T>, signal: AbortSignal): Promise<void> {
  while (queued(place) >= BUFFER_RECORDS_MAX && !signal.aborted) {
    await woken(signal, (wake) => (place.wake = wake));
  }
}
