/** The filters of the read models as predicates. */
import type { Decision, MarketCandle, Trade } from '@kairos/schema';
import type {
  CandleQuery,
  DecisionQuery,
  EquityQuery,
  SignalQuery,
  StoredEquityPoint,
  StoredSignal,
  TradeQuery,
} from './read-models.js';

const isIn = <T>(list: readonly T[] | undefined, value: T | null): boolean =>
  list === undefined || (value !== null && list.includes(value));

/** from ≤ time < to. */
const isWithin = (time: number, from: number | undefined, to: number | undefined): boolean =>
  (from === undefined || time >= from) && (to === undefined || time < to);

export const matchesTrade = (query: TradeQuery, trade: Trade): boolean =>
  trade.accountId === query.accountId &&
  (query.status === undefined || trade.status === query.status) &&
  isIn(query.symbols, trade.symbol) &&
  isIn(query.exitReasons, trade.exitReason) &&
  isWithin(trade.entryTime, query.from, query.to) &&
  (query.profitable === undefined || (trade.pnl !== null && trade.pnl > 0n === query.profitable));

export const matchesDecision = (query: DecisionQuery, decision: Decision): boolean =>
  decision.accountId === query.accountId &&
  (query.outcome === undefined || decision.outcome === query.outcome) &&
  isIn(query.reasons, decision.reason) &&
  isWithin(decision.time, query.from, query.to);

export const matchesSignal = (query: SignalQuery, signal: StoredSignal): boolean =>
  isIn(query.symbols, signal.symbol) &&
  (query.action === undefined || signal.action === query.action) &&
  (query.minConfidence === undefined || signal.confidence >= query.minConfidence) &&
  isWithin(signal.time, query.from, query.to);

export const matchesCandle = (query: CandleQuery, candle: MarketCandle): boolean =>
  isWithin(candle.time, query.from, query.before);

/** from ≤ time ≤ to. */
export const matchesPoint = (query: EquityQuery, point: StoredEquityPoint): boolean =>
  (query.from === undefined || point.time >= query.from) && (query.to === undefined || point.time <= query.to);
