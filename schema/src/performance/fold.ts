/** A metric: a pure fold that takes one input at a time and can be asked at any moment. */
import type { Trade } from '../trading/trade.js';
import type { Money } from '../value/decimal.js';
import type { Instant } from '../value/instant.js';

/**
 * `add` returns the state after one more input and leaves the old one untouched, so that states can be kept and
 * continued; `result` is what the metric says of a state.
 */
export interface Fold<Input, State, Result> {
  readonly initial: State;
  add(state: State, input: Input): State;
  result(state: State): Result;
}

/** What trade metrics ask of a closed trade. Trades come in order of their exit. */
export interface ClosedTrade {
  /** revenue − exitFee − cost − entryFee. */
  readonly pnl: Money;
  readonly cost: Money;
  readonly entryFee: Money;
  readonly revenue: Money;
  readonly exitFee: Money;
  readonly entryTime: Instant;
  readonly exitTime: Instant;
}

/** Whether a trade has ended, so that metrics may take it. */
export const isClosedTrade = (trade: Trade): trade is Trade & ClosedTrade =>
  trade.pnl !== null && trade.revenue !== null && trade.exitFee !== null && trade.exitTime !== null;

/** What equity metrics ask of a point of the curve. Points come in order of time. */
export interface EquitySample {
  readonly time: Instant;
  readonly equity: Money;
}
