/** Thinning of equity curves: fewer points that keep both ends and the extremes of each stretch of time. */
import type { StoredEquityPoint } from './read-models.js';

/** Stretches that leave room for both ends and two extremes each. */
export const stretchesFor = (pointsMax: number): number => Math.max(0, Math.floor((pointsMax - 2) / 2));

/** The stretch (0 to stretches − 1) that a time between two ends falls into. */
export const stretchOf = (time: number, first: number, last: number, stretches: number): number =>
  Math.floor(((time - first) * stretches) / (last - first + 1));

/** At most `pointsMax` (2 or more) of the points, which are in order of time. */
export function thin(points: readonly StoredEquityPoint[], pointsMax: number): readonly StoredEquityPoint[] {
  if (points.length <= pointsMax) return points;
  const first = points[0]!;
  const last = points[points.length - 1]!;
  const stretches = stretchesFor(pointsMax);
  const lowest = new Map<number, StoredEquityPoint>();
  const highest = new Map<number, StoredEquityPoint>();
  for (const point of stretches === 0 ? [] : points) {
    const stretch = stretchOf(point.time, first.time, last.time, stretches);
    if (point.equity < (lowest.get(stretch)?.equity ?? Infinity)) lowest.set(stretch, point);
    if (point.equity > (highest.get(stretch)?.equity ?? -Infinity)) highest.set(stretch, point);
  }
  const kept = new Set([first, ...lowest.values(), ...highest.values(), last]);
  return [...kept].sort((a, b) => a.time - b.time);
}
