/** Pure parts of the chart: domains, paths and what lies under the pointer. */
import type { CurvePoint } from '../live/curve.js';

/** Share of the height left free above and below. */
const MARGIN = 0.08;

/** Lowest and highest equity shown. The baseline is kept in sight while it is not further off than the curve is high. */
export function yDomainOf(points: readonly CurvePoint[], baseline: number): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const { equity } of points) [low, high] = [Math.min(low, equity), Math.max(high, equity)];
  if (low > high) return [baseline - 1, baseline + 1];
  const height = Math.max(high - low, Math.abs(baseline) * 0.001);
  if (baseline < low && low - baseline <= height * 1.5) low = baseline;
  if (baseline > high && baseline - high <= height * 1.5) high = baseline;
  const margin = Math.max((high - low) * MARGIN, Math.abs(baseline) * 0.0002, 1e-6);
  return [low - margin, high + margin];
}

export interface Scales {
  readonly x: (time: number) => number;
  readonly y: (value: number) => number;
}

const fixed = (value: number): string => value.toFixed(1);

/** An SVG path through the points. */
export function linePath(
  points: readonly CurvePoint[],
  value: (point: CurvePoint) => number,
  { x, y }: Scales,
): string {
  return points.map((point, i) => `${i === 0 ? 'M' : 'L'}${fixed(x(point.time))} ${fixed(y(value(point)))}`).join('');
}

/** The line's path closed along a level, in pixels. */
export function areaPath(
  line: string,
  points: readonly CurvePoint[],
  x: (time: number) => number,
  level: number,
): string {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return '';
  return `${line}L${fixed(x(last.time))} ${fixed(level)}L${fixed(x(first.time))} ${fixed(level)}Z`;
}

/** Index of the point nearest in time; -1 without points. Points are in order of time. */
export function nearest(points: readonly CurvePoint[], time: number): number {
  let [low, high] = [0, points.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle] as CurvePoint).time < time) low = middle + 1;
    else high = middle;
  }
  const [before, at] = [points[low - 1], points[low]];
  return before && at && time - before.time < at.time - time ? low - 1 : at ? low : -1;
}
