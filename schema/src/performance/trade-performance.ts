/** Every figure that follows from closed trades alone, in one fold. */
import type { Money } from '../value/decimal.js';
import type { Averages } from './averages.js';
import { averagesOf } from './averages.js';
import { expectancyOf } from './expectancy.js';
import type { ExposureSpan, OpenStretch } from './exposure.js';
import { exposureOf, withStretch } from './exposure.js';
import type { Extremes } from './extremes.js';
import { extremes } from './extremes.js';
import { fees } from './fees.js';
import type { ClosedTrade, Fold } from './fold.js';
import { gross } from './gross.js';
import { averageHoldingSeconds } from './holding.js';
import { moments } from './moments.js';
import { pValueOf } from './p-value.js';
import type { Rating } from './profit-factor.js';
import { profitFactorOf, ratingOf } from './profit-factor.js';
import { sqnOf } from './sqn.js';
import type { Streaks } from './streaks.js';
import { streaks } from './streaks.js';
import { volume } from './volume.js';
import type { WinLoss } from './win-loss.js';
import { winLoss } from './win-loss.js';

/** Money is exact; ratios are floats and never Infinity or NaN: null says that there is none. */
export interface TradePerformance<T> extends WinLoss, Averages, Extremes<T>, Streaks {
  /** Σ pnl. */
  readonly realizedPnl: Money;
  readonly feesPaid: Money;
  readonly volume: Money;
  readonly profitFactor: number | null;
  readonly rating: Rating;
  readonly expectancy: Money | null;
  readonly averageHoldingSeconds: number | null;
  readonly sqn: number | null;
  readonly pValue: number | null;
  /** Share of a span with a position open, 0..1; null for a span without length. */
  exposure(span: ExposureSpan): number | null;
}

/** What has been added up so far; opaque to callers. */
export interface TradePerformanceState<T> {
  readonly winLoss: typeof winLoss.initial;
  readonly gross: typeof gross.initial;
  readonly moments: typeof moments.initial;
  readonly extremes: Extremes<T>;
  readonly holding: typeof averageHoldingSeconds.initial;
  readonly streaks: typeof streaks.initial;
  readonly fees: Money;
  readonly volume: Money;
  readonly stretches: OpenStretch | null;
}

/** Trades come in order of their exit, each once. */
export function tradePerformance<T extends ClosedTrade>(): Fold<T, TradePerformanceState<T>, TradePerformance<T>> {
  const bestAndWorst = extremes<T>();
  return {
    initial: {
      winLoss: winLoss.initial,
      gross: gross.initial,
      moments: moments.initial,
      extremes: bestAndWorst.initial,
      holding: averageHoldingSeconds.initial,
      streaks: streaks.initial,
      fees: fees.initial,
      volume: volume.initial,
      stretches: null,
    },
    add: (state, trade) => ({
      winLoss: winLoss.add(state.winLoss, trade),
      gross: gross.add(state.gross, trade),
      moments: moments.add(state.moments, trade),
      extremes: bestAndWorst.add(state.extremes, trade),
      holding: averageHoldingSeconds.add(state.holding, trade),
      streaks: streaks.add(state.streaks, trade),
      fees: fees.add(state.fees, trade),
      volume: volume.add(state.volume, trade),
      stretches: withStretch(state.stretches, trade),
    }),
    result: (state) => ({
      ...winLoss.result(state.winLoss),
      ...averagesOf(state.gross),
      ...bestAndWorst.result(state.extremes),
      ...streaks.result(state.streaks),
      realizedPnl: state.moments.sum,
      feesPaid: fees.result(state.fees),
      volume: volume.result(state.volume),
      profitFactor: profitFactorOf(state.gross),
      rating: ratingOf(state.gross, state.winLoss.closedTrades),
      expectancy: expectancyOf(state.moments),
      averageHoldingSeconds: averageHoldingSeconds.result(state.holding),
      sqn: sqnOf(state.moments),
      pValue: pValueOf(state.moments),
      exposure: (span) => exposureOf(state.stretches, span),
    }),
  };
}
