/** Thinning of equity curves: fewer points that keep both ends and the extremes of each stretch of time. */
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

/** The lowest and the highest of the points; none of none. */
function extremesOf(points: readonly StoredEquityPoint[]): readonly StoredEquityPoint[] {
  let lowest = points[0];
  let highest = points[0];
  for (const point of points) {
    if (point.equity < lowest!.equity) lowest = point;
    if (point.equity > highest!.equity) highest = point;
  }
  return lowest && highest ? [lowest, highest] : [];
}
