import type { Instant } from '@kairos/schema';
import { expect, it } from 'vitest';
import type { BusRecord } from '../bus.js';
import { AHEAD_BYTES_MAX } from './limits.js';
import { createPlaces, isHungry } from './places.js';

const TOPIC = 'crypto.trades';
const at = (partition: number) => ({ topic: TOPIC, partition }) as const;
const records = (partition: number, count: number, bytes = 1): BusRecord[] =>
  Array.from({ length: count }, (_, offset) => ({
    ...at(partition),
    offset,
    timestamp: 0 as Instant,
    key: null,
    value: new Uint8Array(bytes),
  }));

function placesWith(...counts: readonly number[]) {
  const places = createPlaces();
  counts.forEach((count, partition) => {
    places.set(at(partition), 0);
    places.append(places.find(at(partition))!, records(partition, count));
  });
  return places;
}
const from = (found: readonly BusRecord[]) => found.map(({ partition, offset }) => `${partition}:${offset}`);

it('gives partitions in turn, in order within each', () => {
  const places = placesWith(3, 1, 1);
  expect(from(places.take(2))).toEqual(['0:0', '0:1']);
  expect(from(places.take(2))).toEqual(['1:0', '2:0']);
  expect(from(places.take(2))).toEqual(['0:2']);
  expect(places.take(2)).toEqual([]);
});

it('forgets what was read ahead of a partition that is moved or removed', () => {
  const places = placesWith(2, 2);
  places.set(at(0), 7);
  places.remove(at(1));
  expect(places.take(10)).toEqual([]);
  expect(places.all().map(({ next }) => next)).toEqual([7]);
});

it('wants no more of a partition of which enough was read ahead', () => {
  const places = placesWith(0);
  const place = places.find(at(0))!;
  places.append(place, records(0, 2, AHEAD_BYTES_MAX / 2));
  expect(isHungry(place)).toBe(false);
  places.take(1);
  expect(isHungry(place)).toBe(true);
});

it('tells a gap once, from the first wanted to the last found', () => {
  const places = placesWith(0);
  places.noteGap({ at: at(0), wanted: 1, found: 5 });
  places.noteGap({ at: at(0), wanted: 6, found: 9 });
  expect(places.gaps()).toEqual([{ at: at(0), wanted: 1, found: 9 }]);
  expect(places.gaps()).toEqual([]);
});
