/**
 * One kind of input, read and decoded once for every shard of this process. A shard begins where its journal says: if
 * that is too far behind what all share, with a reader of its own, until it is level. One that is so slow that others
 * would have to wait for it goes back to a reader of its own.
 */
import type { BusRecord } from '@kairos/ports';
import type { Decoded, Topic } from '@kairos/schema';
import type { Positions, Pump, PumpDeps } from './pump.js';
import { POLL_RECORDS, startPump } from './pump.js';
import type { Item, Window } from './window.js';
import { BUFFER_RECORDS_MAX, createWindow } from './window.js';

/** Items taken between two looks at what nobody needs any more. */
const TRIM_ITEMS = 64;
/** How long others wait for the slowest before it has to read for itself. */
const SLOW_MS = 1_000;

export interface StreamOptions<T> {
  /** Tells two streams over one topic apart: part of the cursor's name. */
  readonly name: string;
  readonly topic: Topic;
  readonly partitions: readonly number[];
  /** Where a partition without a position begins. */
  readonly fallback: 'earliest' | 'latest';
  readonly decode: (record: BusRecord) => Decoded<T>;
  /** Records that belong to this stream; left out = all. The value of one that is not valid is null. */
  readonly accepts?: (value: T | null, record: BusRecord) => boolean;
}

/** What one shard reads of a stream. */
export interface View<T> {
  /** Begins to read at stored positions; a partition without one begins at its fallback. */
  start(positions: Readonly<Record<string, number>>): Promise<void>;
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

/** The name under which the journal keeps a cursor's position. */
export const cursorName = (topic: Topic, partition: number, name: string): string =>
  name === '' ? `${topic}:${partition}` : `${topic}:${partition}#${name}`;

/** Where one view stands. */
interface Place<T> {
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

/** What all share while somebody does. */
interface Shared<T> {
  readonly window: Window<T>;
  readonly pump: Pump;
  failure: Error | null;
}

export function createStream<T>(deps: PumpDeps, options: StreamOptions<T>): Stream<T> {
  const { topic, name, partitions } = options;
  const places = new Set<Place<T>>();
  let shared: Shared<T> | null = null;
  let wakeShared: (() => void) | null = null;

  const itemsOf = (records: readonly BusRecord[]): Item<T>[] =>
    records.flatMap((record) => {
      const decoded = options.decode(record);
      const isOurs = !options.accepts || options.accepts(decoded.ok ? decoded.value : null, record);
      return isOurs ? [{ record, decoded }] : [];
    });

  const joined = (): Place<T>[] => [...places].filter(({ index }) => index !== null);
  const slowest = (): Place<T> | null =>
    joined().reduce<Place<T> | null>((slow, place) => (slow && slow.index! <= place.index! ? slow : place), null);
  const ahead = ({ window }: Shared<T>): number => window.end() - (slowest()?.index ?? window.end());

  const startShared = (from: Positions): Shared<T> => {
    const window = createWindow<T>(from);
    const begun: Shared<T> = {
      window,
      failure: null,
      pump: startPump(deps, {
        topic,
        from,
        room: (signal) => roomInShared(begun, signal),
        take(records) {
          for (const item of itemsOf(records)) window.push(item);
          if (records.length > 0) for (const place of joined()) arrived(place);
          return false;
        },
        onFailure(error) {
          begun.failure = error;
          for (const place of joined()) arrived(place);
        },
      }),
    };
    return begun;
  };

  const arrived = (place: Place<T>): void => {
    place.isHungry = false;
    place.onArrival();
  };

  const roomInShared = async (own: Shared<T>, signal: AbortSignal): Promise<void> => {
    while (ahead(own) >= BUFFER_RECORDS_MAX && !signal.aborted) {
      const timer = new AbortController();
      const waited = deps.clock.sleep(SLOW_MS, AbortSignal.any([signal, timer.signal])).then(() => true);
      const made = new Promise<boolean>((resolve) => {
        wakeShared = () => resolve(false);
      });
      const isLong = await Promise.race([waited, made]);
      timer.abort();
      if (isLong && ahead(own) >= BUFFER_RECORDS_MAX && joined().some(({ isHungry }) => isHungry)) leave(own);
    }
  };

  /** The slowest goes on by itself, with what it has not taken yet. */
  const leave = ({ window, pump }: Shared<T>): void => {
    const place = slowest();
    if (!place || joined().length < 2) return;
    const left = window.from(place.index!).filter((item) => !isKnown(place, item));
    place.queue = [...place.queue.slice(place.taken), ...left];
    place.taken = 0;
    place.index = null;
    readAlone(place, new Map(pump.readTo));
  };

  const isKnown = ({ has }: Place<T>, { record }: Item<T>): boolean => record.offset < (has.get(record.partition) ?? 0);

  const readAlone = (place: Place<T>, from: Positions): void => {
    const pump = startPump(deps, {
      topic,
      from,
      room: (signal) => roomIn(place, signal),
      take(records) {
        place.queue.push(...itemsOf(records));
        if (records.length > 0) arrived(place);
        return isLevel(place) && join(place, pump.readTo);
      },
      onFailure(error) {
        if (place.own !== pump) return;
        place.failure = error;
        arrived(place);
      },
    });
    place.own = pump;
  };

  const roomIn = async (place: Place<T>, signal: AbortSignal): Promise<void> => {
    while (place.queue.length - place.taken >= BUFFER_RECORDS_MAX && !signal.aborted) {
      await new Promise<void>((resolve) => {
        place.wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  };

  const isLevel = ({ queue, taken }: Place<T>): boolean => queue.length - taken <= POLL_RECORDS;

  /** Joins the others where they have everything from these offsets on; begins with the sharing where nobody does. */
  const join = (place: Place<T>, from: Positions): boolean => {
    if (shared?.failure) return false;
    place.has = shared ? new Map(from) : new Map();
    shared ??= startShared(new Map(from));
    if (!shared.window.covers(from)) return false;
    place.index = shared.window.first();
    place.own = null;
    sharedFront(place);
    return true;
  };

  /** The item of a view that comes next, passing over what it had before it joined. */
  const front = (place: Place<T>): Item<T> | null => {
    const item = place.queue[place.taken] ?? sharedFront(place);
    place.isHungry = item === null;
    return item;
  };

  const sharedFront = (place: Place<T>): Item<T> | null => {
    if (place.index === null || !shared) return null;
    for (;;) {
      const item = shared.window.at(place.index);
      if (!item || !isKnown(place, item)) return item;
      place.index += 1;
      makeRoom();
    }
  };

  /** Lets the reading go on if there is room again. */
  const makeRoom = (): void => {
    if (!wakeShared || !shared || ahead(shared) >= BUFFER_RECORDS_MAX) return;
    wakeShared();
    wakeShared = null;
  };

  const passed = (place: Place<T>, { record }: Item<T>): void => {
    place.next.set(record.partition, record.offset + 1);
    if (place.taken < place.queue.length) {
      place.taken += 1;
      if (place.taken >= BUFFER_RECORDS_MAX || place.taken === place.queue.length) {
        place.queue.splice(0, place.taken);
        place.taken = 0;
      }
      place.wake?.();
      place.wake = null;
      return;
    }
    place.index! += 1;
    if (place.index! % TRIM_ITEMS === 0) shared?.window.trim(slowest()?.index ?? 0);
    makeRoom();
  };

  /** Where nothing is left to take, everything read has been taken. */
  const nextOf = (place: Place<T>): Positions => {
    if (front(place)) return place.next;
    const readTo = place.own?.readTo ?? shared?.pump.readTo ?? new Map<number, number>();
    for (const [partition, offset] of readTo) {
      const known = place.has.get(partition) ?? 0;
      place.next.set(partition, place.own ? offset : Math.max(offset, known));
    }
    return place.next;
  };

  /** Pins the ends now, so that what comes between start and first commit is not missed after a crash. */
  const pin = async (positions: Readonly<Record<string, number>>): Promise<Positions> => {
    const offsets = await deps.bus.offsets(topic);
    return new Map(
      partitions.map((partition) => {
        const stored = positions[cursorName(topic, partition, name)];
        const ends = offsets.find((candidate) => candidate.partition === partition);
        if (stored !== undefined && ends && stored > ends.next) {
          deps.log.warn({ topic, partition, wanted: stored, found: ends.earliest }, 'the topic was lost and made anew');
          return [partition, ends.earliest];
        }
        const begin = options.fallback === 'earliest' ? ends?.earliest : ends?.next;
        return [partition, stored ?? begin ?? 0];
      }),
    );
  };

  const endSharing = async (): Promise<void> => {
    const ending = shared;
    if (!ending || joined().length > 0) return;
    shared = null;
    await ending.pump.stop();
  };

  const leaveForGood = async (place: Place<T>): Promise<void> => {
    places.delete(place);
    place.index = null;
    wakeShared?.();
    await place.own?.stop();
    await endSharing();
  };

  return {
    view(onArrival) {
      const place: Place<T> = {
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
      };
      return {
        async start(positions) {
          if (partitions.length === 0) return;
          const from = await pin(positions);
          place.next = new Map(from);
          places.add(place);
          if (!join(place, from)) readAlone(place, from);
        },
        head: () => front(place),
        shift() {
          const item = front(place);
          if (item) passed(place, item);
          return item;
        },
        positions: () =>
          Object.fromEntries(
            [...nextOf(place)].map(([partition, offset]) => [cursorName(topic, partition, name), offset]),
          ),
        buffered: () =>
          place.queue.length - place.taken + (place.index === null || !shared ? 0 : shared.window.end() - place.index),
        isShared: () => place.index !== null,
        failure: () => place.failure ?? (place.index === null ? null : (shared?.failure ?? null)),
        stop: () => leaveForGood(place),
      };
    },
  };
}
