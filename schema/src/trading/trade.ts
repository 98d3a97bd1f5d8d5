import type { Amount, Money, Price } from '../value/decimal.js';
import type { Instant } from '../value/instant.js';
import type { MarketRegime } from './signal.js';

export const EXIT_REASONS = ['SIGNAL', 'STOP_LOSS', 'TAKE_PROFIT', 'TRAILING_STOP', 'PANIC', 'MANUAL'] as const;
export type ExitReason = (typeof EXIT_REASONS)[number];

export const TRADE_STATUSES = ['OPEN', 'CLOSED'] as const;
export type TradeStatus = (typeof TRADE_STATUSES)[number];

/** From entry to flat: what the screen lists. Times are world time. */
export interface Trade {
  readonly id: string;
  readonly accountId: string;
  /** The account event that last changed it. */
  readonly seq: number;
  /** The account event that opened it: newest first is highest first. */
  readonly openedSeq: number;
  readonly symbol: string;
  /** The side that opened it; Kairos only buys first. */
  readonly action: 'BUY';
  readonly status: TradeStatus;
  readonly amount: Amount;
  readonly entryPrice: Price;
  /** amount × entryPrice, without the fee. */
  readonly cost: Money;
  readonly entryFee: Money;
  readonly entryTime: Instant;
  /** Confidence of the entry signal, 0..1. */
  readonly confidence: number;
  readonly regime: MarketRegime | null;
  readonly stopLossPrice: Price | null;
  readonly takeProfitPrice: Price | null;
  readonly entrySignalId: string;
  readonly exitPrice: Price | null;
  readonly revenue: Money | null;
  readonly exitFee: Money | null;
  readonly exitTime: Instant | null;
  readonly exitReason: ExitReason | null;
  /** revenue − exitFee − cost − entryFee; null while open. */
  readonly pnl: Money | null;
  readonly exitSignalId: string | null;
  readonly exitCommandId: string | null;
}
