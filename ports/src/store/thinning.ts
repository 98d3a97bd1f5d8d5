/**
 * Thinning of equity curves: fewer points that keep both ends and the extremes of each stretch of time.
 *
 * - `thin` answers a curve with at most so many points.
 * - With age the stored points themselves become fewer: of each minute, later hour, later day the first, the lowest,
 *   the highest and the last stay. What stays depends on the points alone, not on how they came: thinned by and by or
 *   all at once, it is the same curve.
 */
import type { Instant, Money } from '@kairos/schema';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@kairos/schema';
import type { StoredEquityPoint } from './read-models.js';

/** Stretches that leave room for both ends and two extremes each. */
export const stretchesFor = (pointsMax: number): number => Math.max(0, Math.floor((pointsMax - 2) / 2));

/** The first time of a stretch (0 to stretches) between two ends; that of stretch `stretches` is after the last. */
export const stretchStart = (stretch: number, first: number, last: number, stretches: number): number =>
  first + Math.ceil((stretch * (last - first + 1)) / stretches);

/** At most `pointsMax` (2 or more) of the points, which are in order of time. */
export function thin(points: readonly StoredEquityPoint[], pointsMax: number): readonly StoredEquityPoint[] {
  if (points.length <= pointsMax) return points;
  const first = points[0]!;
  const last = points[points.length - 1]!;
  const stretches = stretchesFor(pointsMax);
  const kept = new Set([first, last]);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const start = stretchStart(stretch, first.time, last.time, stretches);
    const end = stretchStart(stretch + 1, first.time, last.time, stretches);
    for (const extreme of extremesOf(points.filter((point) => point.time >= start && point.time < end))) {
      kept.add(extreme);
    }
  }
  return [...kept].sort((a, b) => a.time - b.time);
}

interface Point {
  readonly time: Instant;
  readonly equity: Money;
}

/** The lowest and the highest of the points, of equals the earlier; none of none. */
function extremesOf<P extends Point>(points: readonly P[]): readonly P[] {
  let lowest = points[0];
  let highest = points[0];
  for (const point of points) {
    if (point.equity < lowest!.equity) lowest = point;
    if (point.equity > highest!.equity) highest = point;
  }
  return lowest && highest ? [lowest, highest] : [];
}

/** From which age on, counted back from the newest point, stretches of which length keep four points at the most. */
export interface ThinningTier {
  readonly ageMs: number;
  readonly stretchMs: number;
}

/** At most some 11,500 points of the last two days, 5,600 of two months, and four a day before. */
export const THINNING_TIERS: readonly ThinningTier[] = [
  { ageMs: 10 * MINUTE_MS, stretchMs: MINUTE_MS },
  { ageMs: 2 * DAY_MS, stretchMs: HOUR_MS },
  { ageMs: 60 * DAY_MS, stretchMs: DAY_MS },
];

/** Stretches to thin: those of one length in after < time ≤ through, which begins and ends with a whole stretch. */
export interface DueThinning {
  readonly stretchMs: number;
  readonly after: Instant;
  readonly through: Instant;
}

/**
 * What is to be thinned, in this order, once points have been added to an account's curve.
 *
 * @param newestBefore time of the newest point before; null where there was none
 * @param added times of the points added, one at least
 */
export function dueThinning(newestBefore: Instant | null, added: readonly Instant[]): readonly DueThinning[] {
  const earliest = added.reduce((a, b) => (b < a ? b : a));
  const newest = added.reduce((a, b) => (b > a ? b : a), newestBefore ?? earliest);
  const due = THINNING_TIERS.map(({ ageMs, stretchMs }) => {
    // A point added late is thinned with its stretch, although that has been thinned before.
    const before = stretchBefore(earliest, stretchMs);
    const done = newestBefore === null ? before : wholeStretches(newestBefore - ageMs, stretchMs);
    return { stretchMs, after: Math.min(before, done) as Instant, through: wholeStretches(newest - ageMs, stretchMs) };
  });
  return due.filter(({ after, through }) => after < through);
}

/** A stretch ends with its last time included, as a candle that closes at midnight belongs to the day before. */
const wholeStretches = (time: number, stretchMs: number): Instant =>
  (Math.floor(time / stretchMs) * stretchMs) as Instant;
const stretchEnd = (time: number, stretchMs: number): number => Math.ceil(time / stretchMs) * stretchMs;
const stretchBefore = (time: number, stretchMs: number): number => stretchEnd(time, stretchMs) - stretchMs;

/** The points of whole stretches, in order of time, that may go: all but each one's first, lowest, highest and last. */
export function superfluous<P extends Point>(points: readonly P[], stretchMs: number): readonly P[] {
  const going: P[] = [];
  for (let start = 0; start < points.length;) {
    const end = stretchEnd(points[start]!.time, stretchMs);
    let next = start + 1;
    while (next < points.length && points[next]!.time <= end) next += 1;
    const stretch = points.slice(start, next);
    const kept = new Set([stretch[0], stretch.at(-1), ...extremesOf(stretch)]);
    going.push(...stretch.filter((point) => !kept.has(point)));
    start = next;
  }
  return going;
}
