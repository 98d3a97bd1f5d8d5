/** The equity curve: what the API answered, carried on by live figures. Floats serve here, for pixels alone. */
import type { EquityPoint, LivePnl } from '../api/fragments.js';

/** Points asked for, and the most that are kept while the curve grows. */
export const CURVE_POINTS = 500;
export const CURVE_POINTS_MAX = 1_000;

export interface CurvePoint {
  /** World time, epoch milliseconds. */
  readonly time: number;
  readonly equity: number;
  /** 0..100, positive. */
  readonly drawdown: number;
  /** The exact equity, for the cursor. */
  readonly exact: string;
}

export interface CurveState {
  readonly points: readonly CurvePoint[];
  /** Highest equity known. */
  readonly peak: number;
}

export const noCurve: CurveState = { points: [], peak: 0 };

/** The curve that a query answered. */
export function curveFrom(answer: readonly EquityPoint[]): CurveState {
  const points = answer.map((point) => ({
    time: Date.parse(point.time),
    equity: Number(point.equity),
    drawdown: point.drawdownPercent,
    exact: point.equity,
  }));
  const last = points.at(-1);
  const hidden = last && last.drawdown < 100 ? last.equity / (1 - last.drawdown / 100) : 0;
  return { points, peak: points.reduce((peak, point) => Math.max(peak, point.equity), hidden) };
}

/** The curve carried on by live figures; the same curve when they are not later or change nothing. */
export function reduceCurve(state: CurveState, frame: Pick<LivePnl, 'time' | 'equity'>): CurveState {
  const { points } = state;
  const time = Date.parse(frame.time);
  const last = points.at(-1);
  if (last && (time < last.time || (time === last.time && last.exact === frame.equity))) return state;
  const equity = Number(frame.equity);
  const peak = Math.max(state.peak, equity);
  const drawdown = peak > 0 ? ((peak - equity) / peak) * 100 : 0;
  const kept = last && isCrowded(points, time) ? points.slice(0, -1) : points;
  return { points: thin([...kept, { time, equity, drawdown, exact: frame.equity }]), peak };
}

/** Whether the last point is so close to a new one, for the curve's span, that the new one may take its place. */
function isCrowded(points: readonly CurvePoint[], time: number): boolean {
  const [first, beforeLast, last] = [points[0], points.at(-2), points.at(-1)];
  if (!first || !beforeLast || !last) return false;
  return last.time === time || time - beforeLast.time < (time - first.time) / CURVE_POINTS_MAX;
}

/** At most half of `CURVE_POINTS_MAX` points once there are more than that: first, last, and each stretch's extremes. */
export function thin(points: readonly CurvePoint[], max: number = CURVE_POINTS_MAX): readonly CurvePoint[] {
  if (points.length <= max) return points;
  const inner = points.slice(1, -1);
  const size = Math.ceil(inner.length / (max / 4));
  const kept: CurvePoint[] = [points[0] as CurvePoint];
  for (let from = 0; from < inner.length; from += size) {
    const stretch = inner.slice(from, from + size);
    const low = stretch.reduce((a, b) => (b.equity < a.equity ? b : a));
    const high = stretch.reduce((a, b) => (b.equity > a.equity ? b : a));
    kept.push(...(low === high ? [low] : low.time < high.time ? [low, high] : [high, low]));
  }
  return [...kept, points.at(-1) as CurvePoint];
}

export type CurveRange = '1D' | '1W' | '1M' | 'All';
export const CURVE_RANGES: readonly CurveRange[] = ['1D', '1W', '1M', 'All'];

const RANGE_DAYS: Record<Exclude<CurveRange, 'All'>, number> = { '1D': 1, '1W': 7, '1M': 30 };

/** Where a range begins, counted back from now in world time; null = at the beginning. */
export function rangeStart(range: CurveRange, worldTime: number): string | null {
  return range === 'All' ? null : new Date(worldTime - RANGE_DAYS[range] * 86_400_000).toISOString();
}
