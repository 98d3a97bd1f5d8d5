import type { FeedKind } from '../market/world.js';
import type { Money } from '../value/decimal.js';
import type { Instant } from '../value/instant.js';
import type { AccountSettings } from './settings.js';

export const ACCOUNT_MODES = ['PAPER', 'LIVE'] as const;
export type AccountMode = (typeof ACCOUNT_MODES)[number];

/**
 * PAUSED: no new position, exits go on. STOPPING: a panic is closing what is open. STOPPED: flat, and stays so over
 * restarts until resumed.
 */
export const TRADING_STATUSES = ['RUNNING', 'PAUSED', 'STOPPING', 'STOPPED'] as const;
export type TradingStatus = (typeof TRADING_STATUSES)[number];

/** An account's books after its newest event. Derived live figures (equity, unrealized PnL) are not part of it. */
export interface Account {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly mode: AccountMode;
  readonly feed: FeedKind;
  readonly status: TradingStatus;
  /** Who brought it into this status, why and when (world time); null at first. */
  readonly statusChangedBy: string | null;
  readonly statusReason: string | null;
  readonly statusChangedAt: Instant | null;
  readonly quoteCurrency: string;
  readonly initialBalance: Money;
  /** Free cash. */
  readonly cash: Money;
  /** initialBalance + realizedPnl. */
  readonly balance: Money;
  /** Σ pnl of closed trades. */
  readonly realizedPnl: Money;
  /** Σ entry fees of open trades. */
  readonly openEntryFees: Money;
  /** Σ fees of all fills. */
  readonly feesPaid: Money;
  readonly settings: AccountSettings;
  /** The newest event: counts up by one per event, without a gap. */
  readonly seq: number;
  readonly openTrades: number;
  readonly closedTrades: number;
  /** pnl > 0 and pnl < 0; a pnl of exactly 0 counts in closedTrades only. */
  readonly wins: number;
  readonly losses: number;
}
