import { sma } from './moving-average.js';

/**
 * How unusual the newest volume is: ln((1 + r) / 2) with r = volume / mean of the last `period` volumes, so that 0 is usual
 * and an empty candle is not minus infinity; 0 when nothing was traded at all.
 */
export function volumeRatio(volumes: Float64Array, end: number, period: number): number {
  const mean = sma(volumes, end, period);
  return mean === 0 ? 0 : Math.log((1 + volumes[end]! / mean) / 2);
}
