/**
 * What several views read together: one reader, one window, and where each of them stands in it. One that is so slow
 * that others would have to wait for it is sent away, with what it has not taken yet.
 */
import type { BusRecord } from '@kairos/ports';
import type { Topic } from '@kairos/schema';
import { createGate } from './gate.js';
import type { Place } from './place.js';
import { arrived, carryAlong, isKnown } from './place.js';
import type { Positions, PumpDeps } from './pump.js';
import { startPump } from './pump.js';
import type { Item } from './window.js';
import { BUFFER_RECORDS_MAX, createWindow } from './window.js';

/** Items taken between two looks at what nobody needs any more. */
const TRIM_ITEMS = 64;

export interface SharedOptions<T> {
  readonly topic: Topic;
  /** Where the reading begins. */
  readonly from: Positions;
  readonly itemsOf: (records: readonly BusRecord[]) => readonly Item<T>[];
  /** Told who has been sent away, and where it has to go on reading. */
  readonly onSentAway: (place: Place<T>, from: Positions) => void;
}

export interface SharedReading<T> {
  /** Takes in whoever it begins for. */
  begin(place: Place<T>): void;
  /** Takes in one that has everything before these offsets; false when not everything from them on is here. */
  join(place: Place<T>, from: Positions): boolean;
  /** The item that comes next for one of its places, passing over what it had before it joined. */
  front(place: Place<T>): Item<T> | null;
  /** The item at the front has been taken. */
  pass(place: Place<T>): void;
  /** Items read and not taken by one of its places. */
  ahead(place: Place<T>): number;
  /** The next offset to read, by partition. */
  readonly readTo: Positions;
  /** Why nothing more can be read; null while it can. */
  failure(): Error | null;
  /** One of its places is gone; true when none is left. */
  leave(place: Place<T>): boolean;
  stop(): Promise<void>;
}

/** Begins to read at once. */
export function startSharedReading<T>(deps: PumpDeps, options: SharedOptions<T>): SharedReading<T> {
  const { topic, from, itemsOf, onSentAway } = options;
  const window = createWindow<T>(from);
  const members = new Set<Place<T>>();
  let failure: Error | null = null;

  const slowest = (): Place<T> | null => {
    let slow: Place<T> | null = null;
    for (const place of members) if (slow === null || place.index! < slow.index!) slow = place;
    return slow;
  };
  const isFull = (): boolean => window.end() - (slowest()?.index ?? window.end()) >= BUFFER_RECORDS_MAX;

  /** Nobody is sent away for the sake of those who have enough to take, or of nobody. */
  const sendAwaySlowest = (): void => {
    const place = slowest();
    if (!place || members.size < 2 || ![...members].some(({ isHungry }) => isHungry)) return;
    const left = window.from(place.index!).filter((item) => !isKnown(place, item));
    members.delete(place);
    carryAlong(place, left);
    onSentAway(place, new Map(pump.readTo));
  };

  const gate = createGate(deps.clock, { isFull, onSlow: sendAwaySlowest });
  const pump = startPump(deps, {
    topic,
    from,
    room: gate.pass,
    take(records) {
      for (const item of itemsOf(records)) window.push(item);
      if (records.length > 0) for (const place of members) arrived(place);
      return false;
    },
    onFailure(error) {
      failure = error;
      for (const place of members) arrived(place);
    },
  });

  const takeIn = (place: Place<T>, has: Positions): void => {
    place.has = has;
    place.index = window.first();
    place.own = null;
    members.add(place);
    front(place);
  };

  const front = (place: Place<T>): Item<T> | null => {
    for (;;) {
      const item = window.at(place.index!);
      if (!item || !isKnown(place, item)) return item;
      place.index! += 1;
      gate.look();
    }
  };

  return {
    begin(place) {
      takeIn(place, new Map());
    },
    join(place, has) {
      if (failure || !window.covers(has)) return false;
      takeIn(place, new Map(has));
      return true;
    },
    front,
    pass(place) {
      place.index! += 1;
      if (place.index! % TRIM_ITEMS === 0) window.trim(slowest()?.index ?? 0);
      gate.look();
    },
    ahead: ({ index }) => window.end() - index!,
    readTo: pump.readTo,
    failure: () => failure,
    leave(place) {
      members.delete(place);
      place.index = null;
      gate.look();
      return members.size === 0;
    },
    stop: () => pump.stop(),
  };
}
