/**
 * Relative strength index by Wilder's smoothing, 0..100, over the `length` values that end at index `end`; 50 when
 * nothing moved. The smoothing is seeded with the plain mean of the window's first `period` changes, so `length` is at
 * least `period` + 1.
 */
export function rsi(values: Float64Array, end: number, window: { length: number; period: number }): number {
  const { length, period } = window;
  const start = end - length + 1;
  let gain = 0;
  let loss = 0;
  for (let i = start + 1; i <= start + period; i++) {
    const change = values[i]! - values[i - 1]!;
    if (change > 0) gain += change;
    else loss -= change;
  }
  gain /= period;
  loss /= period;
  for (let i = start + period + 1; i <= end; i++) {
    const change = values[i]! - values[i - 1]!;
    gain = (gain * (period - 1) + (change > 0 ? change : 0)) / period;
    loss = (loss * (period - 1) + (change < 0 ? -change : 0)) / period;
  }
  const moved = gain + loss;
  return moved === 0 ? 50 : (100 * gain) / moved;
}
