/**
 * One kind of input, read and decoded once for every shard of this process. A shard begins where its journal says: if
 * that is too far behind what all share, with a reader of its own, until it is level. One that is so slow that others
 * would have to wait for it goes back to a reader of its own.
 */
import type { BusRecord } from '@kairos/ports';
import type { Decoded } from '@kairos/schema';
import { catchUp } from './catch-up.js';
import type { CursorOptions } from './cursors.js';
import { byCursor, pinned } from './cursors.js';
import type { Place } from './place.js';
import { createPlace, queued, takeQueued } from './place.js';
import type { Positions, PumpDeps } from './pump.js';
import type { SharedReading } from './shared-reading.js';
import { startSharedReading } from './shared-reading.js';
import type { Item } from './window.js';

export interface StreamOptions<T> extends CursorOptions {
  readonly decode: (record: BusRecord) => Decoded<T>;
  /** Records that belong to this stream; left out = all. The value of one that is not valid is null. */
  readonly accepts?: (value: T | null, record: BusRecord) => boolean;
}

/** What one shard reads of a stream. */
export interface View<T> {
  /**
   * Begins to read at stored positions, unless the signal aborts before the bus has said where its partitions begin and
   * end; a partition without a position begins at its fallback.
   */
  start(positions: Readonly<Record<string, number>>, signal?: AbortSignal): Promise<void>;
  head(): Item<T> | null;
  shift(): Item<T> | null;
  /** Next offset to take, per cursor. */
  positions(): Readonly<Record<string, number>>;
  /** Records read ahead. */
  buffered(): number;
  /** True while it reads what all share. */
  isShared(): boolean;
  /** Why it cannot read any more; null while it can. */
  failure(): Error | null;
  stop(): Promise<void>;
}

export interface Stream<T> {
  /** @param onArrival Called when something has arrived, or can no longer arrive. */
  view(onArrival: () => void): View<T>;
}

/** The reading of a stream: who shares it, and who reads alone. */
interface Reading<T> {
  /** Begins to read for a place. */
  start(place: Place<T>, from: Positions): void;
  /** What a place shares with others; null while it reads for itself. */
  sharedBy(place: Place<T>): SharedReading<T> | null;
  leave(place: Place<T>): Promise<void>;
}

export function createStream<T>(deps: PumpDeps, options: StreamOptions<T>): Stream<T> {
  const reading = createReading(deps, options);
  return { view: (onArrival) => createView(deps, options, { reading, place: createPlace<T>(onArrival) }) };
}

function createReading<T>(deps: PumpDeps, { topic, decode, accepts }: StreamOptions<T>): Reading<T> {
  let shared: SharedReading<T> | null = null;

  const itemsOf = (records: readonly BusRecord[]): Item<T>[] =>
    records.flatMap((record) => {
      const decoded = decode(record);
      const isOurs = !accepts || accepts(decoded.ok ? decoded.value : null, record);
      return isOurs ? [{ record, decoded }] : [];
    });

  const readAlone = (place: Place<T>, from: Positions): void =>
    catchUp(deps, place, { topic, from, itemsOf, join: (level) => join(place, level) });

  /** Joins the others where they have everything from these offsets on; begins with the sharing where nobody does. */
  const join = (place: Place<T>, from: Positions): boolean => {
    if (shared) return shared.join(place, from);
    shared = startSharedReading(deps, { topic, from: new Map(from), itemsOf, onSentAway: readAlone });
    shared.begin(place);
    return true;
  };

  return {
    start(place, from) {
      if (!join(place, from)) readAlone(place, from);
    },
    sharedBy: ({ index }) => (index === null ? null : shared),
    async leave(place) {
      const own = place.own;
      const ending = place.index !== null && shared?.leave(place) ? shared : null;
      if (ending) shared = null;
      await own?.stop();
      await ending?.stop();
    },
  };
}

function createView<T>(
  deps: PumpDeps,
  options: StreamOptions<T>,
  { reading, place }: { readonly reading: Reading<T>; readonly place: Place<T> },
): View<T> {
  const front = (): Item<T> | null => {
    const item = place.queue[place.taken] ?? reading.sharedBy(place)?.front(place) ?? null;
    place.isHungry = item === null;
    return item;
  };

  /** Where nothing is left to take, everything read has been taken. */
  const next = (): Positions => {
    if (front()) return place.next;
    const readTo = place.own?.readTo ?? reading.sharedBy(place)?.readTo ?? new Map<number, number>();
    for (const [partition, offset] of readTo) {
      const known = place.has.get(partition) ?? 0;
      place.next.set(partition, place.own ? offset : Math.max(offset, known));
    }
    return place.next;
  };

  return {
    async start(positions, signal) {
      if (options.partitions.length === 0) return;
      const from = await pinned(deps, options, positions);
      if (signal?.aborted) return;
      place.next = new Map(from);
      reading.start(place, from);
    },
    head: front,
    shift() {
      const item = front();
      if (!item) return null;
      place.next.set(item.record.partition, item.record.offset + 1);
      if (!takeQueued(place)) reading.sharedBy(place)?.pass(place);
      return item;
    },
    positions: () => byCursor(options, next()),
    buffered: () => queued(place) + (reading.sharedBy(place)?.ahead(place) ?? 0),
    isShared: () => place.index !== null,
    failure: () => place.failure ?? reading.sharedBy(place)?.failure() ?? null,
    stop: () => reading.leave(place),
  };
}
