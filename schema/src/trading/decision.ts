import type { Instant } from '../value/instant.js';

export const DECISION_OUTCOMES = ['OPENED', 'CLOSED', 'DENIED'] as const;
export type DecisionOutcome = (typeof DECISION_OUTCOMES)[number];

/** Why our own rules said no: the first that applies, in this order. */
export const DENIAL_REASONS = [
  'TRADING_STOPPED',
  'TRADING_PAUSED',
  'STALE',
  'PRICE_OUT_OF_BAND',
  'LOW_CONFIDENCE',
  'NO_POSITION',
  'ALREADY_IN_POSITION',
  'COOLDOWN',
  'MAX_OPEN_POSITIONS',
  'DAILY_LOSS_LIMIT',
  'DRAWDOWN_LIMIT',
  'INSUFFICIENT_FUNDS',
  'BELOW_MINIMUM_ORDER',
  'ORDER_REJECTED',
] as const;
export type DenialReason = (typeof DENIAL_REASONS)[number];

/** What became of a BUY or SELL signal for one account: each gets exactly one. */
export interface Decision {
  /** The event's id: `accountId:seq`. */
  readonly id: string;
  readonly accountId: string;
  readonly seq: number;
  readonly signalId: string;
  readonly outcome: DecisionOutcome;
  readonly reason: DenialReason | null;
  /** What was compared and with which limit at that moment, as decimal text; null where nothing was. */
  readonly observed: string | null;
  readonly limit: string | null;
  readonly tradeId: string | null;
  /** World time. */
  readonly time: Instant;
}
