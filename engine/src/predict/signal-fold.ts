/**
 * From candles to signals: one signal for each closed candle of each symbol, a function of the candles taken before and
 * of nothing else. The same candles in the same order per symbol give the same bytes, whatever the speed, the batches
 * and the restarts, and whatever other symbols do in between.
 *
 * - A candle that does not close later than the symbol's newest is a repetition, and is passed over.
 * - A candle of another interval than the one before begins the symbol's statistics anew.
 */
import type { Candle, Instant, Interval, Rate, Signal } from '@kairos/schema';
import {
  AMOUNT_DECIMALS,
  closeTimeOf,
  INTERVAL_MS,
  PREDICTOR_SOURCE,
  PRICE_DECIMALS,
  RATE_DECIMALS,
  SECOND_MS,
  toNumber,
} from '@kairos/schema';
import { HORIZON_CANDLES } from './limits.js';
import type { CandleFigures } from './model/candle-history.js';
import type { Prediction, SymbolModel } from './model/symbol-model.js';
import { createSymbolModel } from './model/symbol-model.js';

export interface SignalFoldOptions {
  /** What buying and selling again costs, as a fraction of the price: twice the commission. */
  readonly costs: number;
  /** Closed candles of a symbol that are only trained on: their signals are HOLD with confidence 0. */
  readonly trainingCandlesOf: (symbol: string) => number;
}

/** What buying and selling again costs, as a fraction of the price. */
export const costsOf = (commission: Rate): number => 2 * toNumber(commission, RATE_DECIMALS);

/** What is known of one symbol. */
export interface SymbolProgress {
  /** Closed candles taken. */
  readonly candles: number;
  /** Close time and interval of the newest. */
  readonly closedAt: Instant;
  readonly interval: Interval;
}

export interface SignalFold {
  /** The signal of a candle; null for one in progress or taken before. */
  take(candle: Candle): Signal | null;
  progressOf(symbol: string): SymbolProgress | null;
  /** Symbols taken so far, with how far each is. */
  progress(): ReadonlyMap<string, SymbolProgress>;
  /** Begins a symbol anew: from nothing, or with the count of candles taken before and forgotten. */
  restart(symbol: string, progress: SymbolProgress | null): void;
}

/** A symbol's model and how far it is. */
interface SymbolState extends SymbolProgress {
  readonly model: SymbolModel;
}

/** The id of the predictor's signal at a candle's close. */
export const signalIdOf = (symbol: string, closedAt: Instant): string => `${PREDICTOR_SOURCE}:${symbol}:${closedAt}`;

/** Decimals that statistics are published with: more would only repeat rounding. */
const RETURN_DECIMALS = 8;
const SHARE_DECIMALS = 4;

const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));

export function createSignalFold({ costs, trainingCandlesOf }: SignalFoldOptions): SignalFold {
  const states = new Map<string, SymbolState>();

  const newModel = (interval: Interval): SymbolModel =>
    createSymbolModel({ horizon: HORIZON_CANDLES[interval], costs });

  function modelFor({ interval }: Candle, before: SymbolState | undefined): SymbolModel {
    return before && before.interval === interval ? before.model : newModel(interval);
  }

  return {
    take(candle) {
      if (!candle.closed) return null;
      const { symbol, interval } = candle;
      const before = states.get(symbol);
      const closedAt = closeTimeOf(candle);
      if (before && closedAt <= before.closedAt) return null;
      const model = modelFor(candle, before);
      const number = Math.floor(closedAt / INTERVAL_MS[interval]);
      const prediction = model.take(figuresOf(candle, candle.time === before?.closedAt), number);
      const candles = (before?.candles ?? 0) + 1;
      states.set(symbol, { model, interval, candles, closedAt });
      return signalOf(candle, closedAt, candles <= trainingCandlesOf(symbol) ? null : prediction);
    },
    progressOf(symbol) {
      const state = states.get(symbol);
      return state ? progressIn(state) : null;
    },
    progress: () => new Map([...states].map(([symbol, state]) => [symbol, progressIn(state)])),
    restart(symbol, progress) {
      if (progress) states.set(symbol, { ...progress, model: newModel(progress.interval) });
      else states.delete(symbol);
    },
  };
}

const progressIn = ({ candles, closedAt, interval }: SymbolState): SymbolProgress => ({ candles, closedAt, interval });

const figuresOf = (candle: Candle, follows: boolean): CandleFigures => ({
  high: toNumber(candle.high, PRICE_DECIMALS),
  low: toNumber(candle.low, PRICE_DECIMALS),
  close: toNumber(candle.close, PRICE_DECIMALS),
  volume: toNumber(candle.volume, AMOUNT_DECIMALS),
  follows,
});

function signalOf(candle: Candle, closedAt: Instant, prediction: Prediction | null): Signal {
  return {
    id: signalIdOf(candle.symbol, closedAt),
    symbol: candle.symbol,
    action: prediction?.action ?? 'HOLD',
    confidence: rounded(prediction?.confidence ?? 0, SHARE_DECIMALS),
    price: candle.close,
    time: closedAt,
    source: PREDICTOR_SOURCE,
    horizonSeconds: (HORIZON_CANDLES[candle.interval] * INTERVAL_MS[candle.interval]) / SECOND_MS,
    votes: prediction && {
      linearRegression: rounded(prediction.votes.linearRegression, RETURN_DECIMALS),
      knn: rounded(prediction.votes.knn, SHARE_DECIMALS),
      regime: prediction.votes.regime,
    },
  };
}
