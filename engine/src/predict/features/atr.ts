/** The three columns of candles that ranges are measured on. */
export interface RangeColumns {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

/** The furthest that a price went from the close before it to the end of candle `i`. */
function trueRange({ high, low, close }: RangeColumns, i: number): number {
  const before = close[i - 1]!;
  return Math.max(high[i]!, before) - Math.min(low[i]!, before);
}

/**
 * Average true range by Wilder's smoothing over the `length` candles that end at index `end`, in units of price. Seeded
 * with the plain mean of the window's first `period` ranges; `length` at least `period` + 1.
 */
export function atr(columns: RangeColumns, end: number, window: { length: number; period: number }): number {
  const { length, period } = window;
  const start = end - length + 1;
  let mean = 0;
  for (let i = start + 1; i <= start + period; i++) mean += trueRange(columns, i);
  mean /= period;
  for (let i = start + period + 1; i <= end; i++) mean = (mean * (period - 1) + trueRange(columns, i)) / period;
  return mean;
}
