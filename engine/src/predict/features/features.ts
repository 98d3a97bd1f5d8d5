/**
 * What the models see of the last candles: one row of numbers without a unit, a function of the last
 * `WARM_UP_CANDLES` candles and of nothing else. The candles must follow each other without a gap.
 */
import { WARM_UP_CANDLES } from '../limits.js';
import type { RangeColumns } from './atr.js';
import { atr } from './atr.js';
import { ema, sma } from './moving-average.js';
import { logReturn } from './returns.js';
import { rsi } from './rsi.js';
import { standardDeviation } from './volatility.js';
import { volumeRatio } from './volume-ratio.js';

/** Columns of candles as binary numbers; `step` is the logarithmic return of each candle on the one before. */
export interface CandleColumns extends RangeColumns {
  readonly volume: Float64Array;
  readonly step: Float64Array;
}

/** The features in the order of their columns. */
export const FEATURE_NAMES = [
  'return1',
  'return4',
  'drift',
  'rsi',
  'meanDistance',
  'trend',
  'volatility',
  'range',
  'volumeRatio',
] as const;

export const FEATURE_COUNT = FEATURE_NAMES.length;
/** Columns that market regimes are told from. */
export const DRIFT = FEATURE_NAMES.indexOf('drift');
export const VOLATILITY = FEATURE_NAMES.indexOf('volatility');
/** Candles that drift is measured over. */
export const DRIFT_SPAN = 24;

const WINDOW = WARM_UP_CANDLES;

/** Writes the features of candle `i` to `out` from index `at` on. */
export function writeFeatures(candles: CandleColumns, i: number, out: { rows: Float64Array; at: number }): void {
  const { close, volume, step } = candles;
  const price = close[i]!;
  const { rows, at } = out;
  const fast = ema(close, i, { length: WINDOW, period: 12 });
  const slow = ema(close, i, { length: WINDOW, period: 26 });
  rows[at] = step[i]!;
  rows[at + 1] = logReturn(close, i, 4);
  rows[at + 2] = logReturn(close, i, DRIFT_SPAN);
  rows[at + 3] = rsi(close, i, { length: WINDOW, period: 14 }) / 100;
  rows[at + 4] = price / sma(close, i, 20) - 1;
  rows[at + 5] = (fast - slow) / price;
  rows[at + 6] = standardDeviation(step, i, 20);
  rows[at + 7] = atr(candles, i, { length: WINDOW, period: 14 }) / price;
  rows[at + 8] = volumeRatio(volume, i, 20);
}
