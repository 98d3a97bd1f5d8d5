/**
 * The statistics of one symbol as a fold of its closed candles, oldest first: models are trained on rows whose horizon
 * has passed, predictions are scored once theirs has, confidence is what scores like this one were worth.
 *
 * - Nothing looks ahead: what is said of a candle is a function of it and of candles before it.
 * - Nothing is remembered for ever: it is a function of the last `MEMORY_CANDLES` candles alone, bit for bit.
 * - A gap is a gap: no feature, no return and no outcome reaches across one; models trained before it stay in use.
 */
import type { ModelVotes } from '@kairos/schema';
import { FEATURE_COUNT } from '../features/features.js';
import { standardDeviation } from '../features/volatility.js';
import {
  CALIBRATION_SAMPLES_MIN,
  CALIBRATION_WINDOW,
  RETRAIN_CANDLES,
  TRAINING_ROWS_MIN,
  TRAINING_WINDOW,
  WARM_UP_CANDLES,
} from '../limits.js';
import type { Outcome } from './calibration.js';
import { createCalibration, chanceAlone, scoreBin } from './calibration.js';
import type { CandleFigures } from './candle-history.js';
import { createCandleHistory, NO_BIN } from './candle-history.js';
import type { Opinion } from './decide.js';
import { decide, scoreOf } from './decide.js';
import type { Ensemble } from './ensemble.js';
import { trainEnsemble } from './ensemble.js';

export interface SymbolModelOptions {
  /** Candles that a prediction looks ahead. */
  readonly horizon: number;
  /** What buying and selling again costs, as a fraction of the price. */
  readonly costs: number;
}

/** What is thought at a candle. */
export interface Prediction extends Opinion {
  readonly votes: ModelVotes;
}

export interface SymbolModel {
  /**
   * Takes the next closed candle; `number` counts intervals since the epoch and decides when models are trained anew.
   * Null while there are too few candles, since the start or since a gap, to think anything.
   */
  take(candle: CandleFigures, number: number): Prediction | null;
}

/** Candles whose returns say how much the market swings. */
const VOLATILITY_SPAN = 48;

const CAME_UP = 1;
const CAME_DOWN = 2;

export function createSymbolModel({ horizon, costs }: SymbolModelOptions): SymbolModel {
  const keep = Math.max(TRAINING_WINDOW, CALIBRATION_WINDOW) + horizon + WARM_UP_CANDLES + 1;
  const history = createCandleHistory(keep);
  const calibration = createCalibration(horizon);
  let ensemble: Ensemble | null = null;
  let span: number | null = null;

  const chanceAt = (i: number): number =>
    chanceAlone(costs, standardDeviation(history.step, i, VOLATILITY_SPAN), horizon);

  function outcomeOf(i: number): Outcome | null {
    const bin = history.bin[i]!;
    if (bin === NO_BIN || Number.isNaN(history.returns[i]!)) return null;
    const came = history.came[i]!;
    return { bin, chance: chanceAt(i), cameUp: (came & CAME_UP) !== 0, cameDown: (came & CAME_DOWN) !== 0 };
  }

  /** The horizon of candle `i` has passed at candle `now`. */
  function resolve(i: number, now: number): void {
    if (history.run[now]! <= horizon || !history.hasFeatures(i)) return;
    const price = history.close[i]!;
    let highest = 0;
    let lowest = Infinity;
    for (let k = i + 1; k <= now; k++) {
      highest = Math.max(highest, history.close[k]!);
      lowest = Math.min(lowest, history.close[k]!);
    }
    history.returns[i] = history.close[now]! / price - 1;
    history.came[i] = (highest >= price * (1 + costs) ? CAME_UP : 0) | (lowest <= price * (1 - costs) ? CAME_DOWN : 0);
  }

  function calibrate(now: number): void {
    const resolved = now - horizon;
    if (resolved < 0) return;
    resolve(resolved, now);
    const added = outcomeOf(resolved);
    if (added) calibration.add(added);
    const left = resolved - CALIBRATION_WINDOW;
    const removed = left >= 0 ? outcomeOf(left) : null;
    if (removed) calibration.remove(removed);
  }

  function train(now: number): void {
    const last = now - horizon;
    const rows: number[] = [];
    for (let i = Math.max(0, last - TRAINING_WINDOW + 1); i <= last; i++) {
      if (!Number.isNaN(history.returns[i]!)) rows.push(i);
    }
    ensemble = rows.length < TRAINING_ROWS_MIN ? null : trainOn(rows);
  }

  function trainOn(rows: readonly number[]): Ensemble | null {
    const values = new Float64Array(rows.length * FEATURE_COUNT);
    rows.forEach((i, at) => {
      const row = history.features.subarray(i * FEATURE_COUNT, (i + 1) * FEATURE_COUNT);
      values.set(row, at * FEATURE_COUNT);
    });
    const returns = Float64Array.from(rows, (i) => history.returns[i]!);
    return trainEnsemble({ values, rows: rows.length, columns: FEATURE_COUNT }, returns);
  }

  return {
    take(candle, number) {
      const now = history.push(candle);
      calibrate(now);
      const newSpan = Math.floor(number / RETRAIN_CANDLES);
      if (span !== null && newSpan !== span) train(now);
      span = newSpan;
      if (!ensemble || !history.hasFeatures(now)) return null;
      const votes = ensemble.vote(history.features, now * FEATURE_COUNT);
      if (!Number.isFinite(votes.linearRegression)) return null;
      const score = scoreOf(votes, ensemble.returnSpread);
      history.bin[now] = scoreBin(score);
      if (calibration.samples < CALIBRATION_SAMPLES_MIN) return null;
      return { votes, ...decide(votes, score, { calibration, costs, chance: chanceAt(now) }) };
    },
  };
}
