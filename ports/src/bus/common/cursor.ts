/** Positions in partitions, and what stands there. */
import { PortError } from '../../errors.js';
import type { BusRecord, Reader, StartPosition, TopicPartition } from '../bus.js';
import type { BusBackend } from './backend.js';
import { isSamePartition } from './group.js';
import { POLL_BYTES_MAX } from './limits.js';
import { checkPartition } from './placement.js';

type Gap = ReturnType<Reader['gaps']>[number];

interface Place {
  readonly at: TopicPartition;
  next: number;
  /** The count of the topic's changes at which there was nothing more to read. */
  emptyAt: number | null;
}

export interface Cursor {
  set(at: TopicPartition, next: number): void;
  remove(at: TopicPartition): void;
  has(at: TopicPartition): boolean;
  /** At most `recordsMax` records; each call begins with another partition, so that none is starved. */
  take(recordsMax: number): Promise<BusRecord[]>;
  /** What was skipped since the last call: the first wanted and last found offset per partition. */
  gaps(): readonly Gap[];
}

/**
 * The offset that a position stands for.
 * @throws PortError INVALID
 */
export async function resolvePosition(
  backend: BusBackend,
  at: TopicPartition,
  position: StartPosition,
): Promise<number> {
  checkPartition(at.topic, at.partition, backend.partitionsOf(at.topic));
  if (typeof position !== 'number') {
    const ends = (await backend.ends(at.topic)).find((candidate) => candidate.partition === at.partition)!;
    return position === 'earliest' ? ends.earliest : ends.next;
  }
  if (Number.isSafeInteger(position) && position >= 0) return position;
  throw new PortError('INVALID', `expected an offset of 0 or more, found ${position}`);
}

export function createCursor(backend: BusBackend): Cursor {
  let places: Place[] = [];
  let gaps: Gap[] = [];
  let turn = 0;

  const noteGap = (gap: Gap): void => {
    const known = gaps.find((other) => isSamePartition(other.at, gap.at));
    gaps = [...gaps.filter((other) => other !== known), { ...gap, wanted: known?.wanted ?? gap.wanted }];
  };

  async function takeFrom(place: Place, recordsMax: number): Promise<readonly BusRecord[]> {
    const count = backend.changes.countOf(place.at.topic);
    const wanted = place.next;
    if (place.emptyAt === count) return [];
    const slice = await backend.read(place.at, wanted, recordsMax);
    if (place.next !== wanted || !places.includes(place)) return [];
    if (slice.from !== wanted) noteGap({ at: place.at, wanted, found: slice.from });
    place.next = slice.from + slice.records.length;
    place.emptyAt = slice.records.length === 0 && slice.from === wanted ? count : null;
    return slice.records;
  }

  return {
    set(at, next) {
      places = [...places.filter((place) => !isSamePartition(place.at, at)), { at, next, emptyAt: null }];
    },
    remove(at) {
      places = places.filter((place) => !isSamePartition(place.at, at));
    },
    has: (at) => places.some((place) => isSamePartition(place.at, at)),
    async take(recordsMax) {
      const found: BusRecord[] = [];
      let bytes = 0;
      const first = turn++ % Math.max(1, places.length);
      for (const place of [...places.slice(first), ...places.slice(0, first)]) {
        if (found.length >= recordsMax || bytes >= POLL_BYTES_MAX) break;
        try {
          for (const record of await takeFrom(place, recordsMax - found.length)) {
            found.push(record);
            bytes += record.value.length;
          }
        } catch (error) {
          // What was found before must not be lost: the trouble comes again with the next call.
          if (found.length === 0) throw error;
          break;
        }
      }
      return found;
    },
    gaps() {
      const told = gaps;
      gaps = [];
      return told;
    },
  };
}
