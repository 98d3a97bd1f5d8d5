/** Where one view of a stream stands: what it has ahead of it, and what it has had. */
import type { Positions, Pump } from './pump.js';
import type { Item } from './window.js';
import { BUFFER_RECORDS_MAX } from './window.js';

export interface Place<T> {
  readonly onArrival: () => void;
  /** Read by a reader of its own, or carried along when it left the others: taken first. */
  queue: Item<T>[];
  taken: number;
  /** Its own reader; null while it has none. */
  own: Pump | null;
  /** The next item of what all share; null while it reads for itself. */
  index: number | null;
  /** When it joined: what is before these offsets it has already. */
  has: Positions;
  /** The next offset to take, by partition, as of the last item that it took. */
  next: Map<number, number>;
  /** It found nothing when it last looked. */
  isHungry: boolean;
  failure: Error | null;
  wake: (() => void) | null;
}

export const createPlace = <T>(onArrival: () => void): Place<T> => ({
  onArrival,
  queue: [],
  taken: 0,
  own: null,
  index: null,
  has: new Map(),
  next: new Map(),
  isHungry: false,
  failure: null,
  wake: null,
});

/** Something has arrived for it, or can no longer arrive. */
export function arrived<T>(place: Place<T>): void {
  place.isHungry = false;
  place.onArrival();
}

/** Whether it had the item before it joined the others. */
export const isKnown = <T>({ has }: Place<T>, { record }: Item<T>): boolean =>
  record.offset < (has.get(record.partition) ?? 0);

/** Items in its queue that it has not taken. */
export const queued = <T>({ queue, taken }: Place<T>): number => queue.length - taken;

/** Leaves the others with what it has not taken of theirs. */
export function carryAlong<T>(place: Place<T>, left: readonly Item<T>[]): void {
  place.queue = [...place.queue.slice(place.taken), ...left];
  place.taken = 0;
  place.index = null;
}

/** Takes the first item of its queue; false when there is none. */
export function takeQueued<T>(place: Place<T>): boolean {
  if (queued(place) === 0) return false;
  place.taken += 1;
  if (place.taken >= BUFFER_RECORDS_MAX || queued(place) === 0) {
    place.queue.splice(0, place.taken);
    place.taken = 0;
  }
  place.wake?.();
  place.wake = null;
  return true;
}
