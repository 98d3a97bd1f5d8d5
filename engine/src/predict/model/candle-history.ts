/**
 * The last candles of one symbol as columns of binary numbers, with what is known of each: features, and later the
 * outcome. A window that slides: indices are valid until the next `push`.
 */
import type { CandleColumns } from '../features/features.js';
import { FEATURE_COUNT, writeFeatures } from '../features/features.js';
import { WARM_UP_CANDLES } from '../limits.js';

/** A candle as statistics see it. */
export interface CandleFigures {
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** 0 or more. */
  readonly volume: number;
  /** Whether it opens when the candle pushed before it closed. */
  readonly follows: boolean;
}

/** No prediction was made at a candle. */
export const NO_BIN = -1;

export interface CandleHistory extends CandleColumns {
  /** Candles without a gap that end at this one, itself included. */
  readonly run: Int32Array;
  /** Rows of features, valid where `hasFeatures`. */
  readonly features: Float64Array;
  /** Return over the horizon, as a fraction; NaN until it has passed without a gap. */
  readonly returns: Float64Array;
  /** Bin of the score predicted at this candle, or NO_BIN. */
  readonly bin: Int8Array;
  /** Whether a prediction came right upward (bit 0) and downward (bit 1). */
  readonly came: Uint8Array;
  /** Adds a candle and returns its index. */
  push(candle: CandleFigures): number;
  hasFeatures(i: number): boolean;
}

/** A history that remembers at least the last `keep` candles. */
export function createCandleHistory(keep: number): CandleHistory {
  const capacity = 2 * keep;
  const column = () => new Float64Array(capacity);
  const history = {
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
    step: column(),
    returns: column(),
    run: new Int32Array(capacity),
    bin: new Int8Array(capacity),
    came: new Uint8Array(capacity),
  };
  const features = new Float64Array(capacity * FEATURE_COUNT);
  let length = 0;

  function slide(): void {
    for (const values of Object.values(history)) values.copyWithin(0, capacity - keep);
    features.copyWithin(0, (capacity - keep) * FEATURE_COUNT);
    length = keep;
  }

  const hasFeatures = (i: number): boolean => history.run[i]! >= WARM_UP_CANDLES;

  return {
    ...history,
    features,
    hasFeatures,
    push({ high, low, close, volume, follows }) {
      if (length === capacity) slide();
      const i = length++;
      const isNext = follows && i > 0;
      history.high[i] = high;
      history.low[i] = low;
      history.close[i] = close;
      history.volume[i] = volume;
      history.step[i] = isNext ? Math.log(close / history.close[i - 1]!) : 0;
      history.run[i] = isNext ? Math.min(history.run[i - 1]! + 1, capacity) : 1;
      history.returns[i] = NaN;
      history.bin[i] = NO_BIN;
      history.came[i] = 0;
      if (hasFeatures(i)) writeFeatures(history, i, { rows: features, at: i * FEATURE_COUNT });
      return i;
    },
  };
}
