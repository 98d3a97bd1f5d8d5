import type { CommandStep } from '../command/progress.js';
import type { PriceSource } from '../market/price-book.js';
import type { Account } from '../trading/account.js';
import type { Decision } from '../trading/decision.js';
import type { Trade } from '../trading/trade.js';
import type { Instant } from '../value/instant.js';

export const TRADING_EVENT_TYPES = [
  'ACCOUNT_OPENED',
  'TRADE_OPENED',
  'TRADE_CLOSED',
  'SIGNAL_DECIDED',
  'TRADING_STOPPING',
  'CLOSE_FAILED',
  'TRADING_STOPPED',
  'TRADING_PAUSED',
  'TRADING_RESUMED',
  'SETTINGS_UPDATED',
  'COMMAND_REFUSED',
] as const;
export type TradingEventType = (typeof TRADING_EVENT_TYPES)[number];

/**
 * What happened to one account. `seq` counts from 1 without a gap; a signal that fills is ONE event with `trade` and
 * `decision`; SIGNAL_DECIDED is for denials only.
 */
export interface TradingEvent {
  /** `accountId:seq`. */
  readonly id: string;
  readonly seq: number;
  readonly type: TradingEventType;
  readonly accountId: string;
  /** World time. */
  readonly time: Instant;
  /** Id of the signal or command; of the entry signal where a stop level caused it. */
  readonly causedBy: string;
  readonly trade: Trade | null;
  readonly decision: Decision | null;
  /** Of events that a command caused. */
  readonly step: CommandStep | null;
  /** Of fills that no signal priced (panic, by hand, stops): where the price came from; null otherwise. */
  readonly priceSource: PriceSource | null;
  /** How old that price was, in world time. */
  readonly priceAgeMs: number | null;
  /** Of CLOSE_FAILED that no command caused: why. What a command's event has gone wrong with stands in its step. */
  readonly error: string | null;
  /** The account after the event. */
  readonly account: Account;
}
