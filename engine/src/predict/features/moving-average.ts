/** Moving averages over a window: the `length` values that end at index `end`. */

/** Simple mean of the last `period` values. */
export function sma(values: Float64Array, end: number, period: number): number {
  let sum = 0;
  for (let i = end - period + 1; i <= end; i++) sum += values[i]!;
  return sum / period;
}

/**
 * Exponential mean with factor 2 / (period + 1), seeded with the simple mean of the window's first `period` values.
 * `length` at least `period`.
 */
export function ema(values: Float64Array, end: number, window: { length: number; period: number }): number {
  const { length, period } = window;
  const factor = 2 / (period + 1);
  const seedEnd = end - length + period;
  let mean = sma(values, seedEnd, period);
  for (let i = seedEnd + 1; i <= end; i++) mean += factor * (values[i]! - mean);
  return mean;
}
