/** Partitions that are read: the position of each, and what was read ahead of it. */
import { POLL_BYTES_MAX } from '../common/limits.js';
import { isSamePartition } from '../common/group.js';
import type { BusRecord, Reader, TopicPartition } from '../bus.js';
import type { PortError } from '../../errors.js';
import { AHEAD_BYTES_MAX } from './limits.js';

type Gap = ReturnType<Reader['gaps']>[number];

/** One partition. Another one takes its stead when it is moved, so that what was under way for it is not taken for it. */
export interface Place {
  readonly at: TopicPartition;
  /** Offset to ask for next. */
  next: number;
  /** Read ahead, in order. */
  readonly ahead: BusRecord[];
  aheadBytes: number;
  /** Why it cannot be read on from `next`. */
  failure: PortError | null;
  /** Failures in a row of what was read. */
  failures: number;
}

export interface Places {
  all(): readonly Place[];
  find(at: TopicPartition): Place | undefined;
  set(at: TopicPartition, next: number): void;
  remove(at: TopicPartition): void;
  /** Puts records behind what was read ahead. */
  append(place: Place, records: readonly BusRecord[]): void;
  /** At most `recordsMax` records that were read ahead; each call begins with another partition. */
  take(recordsMax: number): BusRecord[];
  noteGap(gap: Gap): void;
  /** Gaps since the last call: the first wanted and the last found per partition. */
  gaps(): readonly Gap[];
}

/** Whether more may be read ahead. */
export const isHungry = (place: Place): boolean => place.failure === null && place.aheadBytes < AHEAD_BYTES_MAX;

/** What a record takes beside its value. */
const RECORD_BYTES = 100;
const bytesOf = (record: BusRecord): number => record.value.length + RECORD_BYTES;

export function createPlaces(): Places {
  let places: Place[] = [];
  let gaps: Gap[] = [];
  let turn = 0;

  /** Moves records from one place to `into`; what they weigh. */
  function takeFrom(place: Place, into: BusRecord[], recordsMax: number, bytesMax: number): number {
    let bytes = 0;
    let count = 0;
    while (count < place.ahead.length && count < recordsMax && bytes < bytesMax) {
      const record = place.ahead[count++]!;
      bytes += bytesOf(record);
      into.push(record);
    }
    place.ahead.splice(0, count);
    place.aheadBytes -= bytes;
    return bytes;
  }

  return {
    all: () => places,
    find: (at) => places.find((place) => isSamePartition(place.at, at)),
    set(at, next) {
      const place: Place = { at, next, ahead: [], aheadBytes: 0, failure: null, failures: 0 };
      places = [...places.filter((other) => !isSamePartition(other.at, at)), place];
    },
    remove(at) {
      places = places.filter((place) => !isSamePartition(place.at, at));
    },
    append(place, records) {
      for (const record of records) {
        place.ahead.push(record);
        place.aheadBytes += bytesOf(record);
      }
    },
    take(recordsMax) {
      const found: BusRecord[] = [];
      let bytes = 0;
      const first = turn++ % Math.max(1, places.length);
      for (const place of [...places.slice(first), ...places.slice(0, first)]) {
        if (found.length >= recordsMax || bytes >= POLL_BYTES_MAX) break;
        bytes += takeFrom(place, found, recordsMax - found.length, POLL_BYTES_MAX - bytes);
      }
      return found;
    },
    noteGap(gap) {
      const known = gaps.find((other) => isSamePartition(other.at, gap.at));
      gaps = [...gaps.filter((other) => other !== known), { ...gap, wanted: known?.wanted ?? gap.wanted }];
    },
    gaps() {
      const told = gaps;
      gaps = [];
      return told;
    },
  };
}
