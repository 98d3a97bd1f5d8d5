/** What the auditor knows of one account, in units of 1e-12, and what follows from it. */
import type { AccountSettings, ExitReason, Instant, TradingStatus } from '@kairos/schema';
import type { EntryFigures, Rates } from './figures.js';
import { timesDown, widen } from './figures.js';

export interface Position extends EntryFigures {
  readonly tradeId: string;
  readonly symbol: string;
  /** Signal that opened it. */
  readonly cause: string;
  readonly entryTime: Instant;
  readonly stopLossPrice: bigint | null;
  readonly takeProfitPrice: bigint | null;
  /** Highest market price since entry; the entry price at first. */
  peak: bigint;
}

/** Why a position is to be closed. */
export interface ClosingOrder {
  readonly reason: ExitReason;
  /** Null = a stop level. */
  readonly commandId: string | null;
  /** Times that the venue has refused it. */
  readonly attempts: number;
}

export interface Books {
  readonly id: string;
  readonly initial: bigint;
  settings: AccountSettings;
  status: TradingStatus;
  seq: number;
  /** By symbol. */
  readonly open: Map<string, Position>;
  pnl: bigint;
  fees: bigint;
  closed: number;
  wins: number;
  losses: number;
  dayStart: number;
  dayOpeningEquity: bigint;
  dayPnl: bigint;
  peakEquity: bigint;
  maxDrawdown: bigint;
  readonly lastLossAt: Map<string, Instant>;
  readonly openedAt: Instant;
  resumedAt: Instant | null;
  stoppedAt: Instant | null;
  /** Orders that close a position and were refused by the venue so far, by trade. */
  readonly closings: Map<string, ClosingOrder>;
  /** STOP_BOTs that are answered once the account is flat, oldest first. */
  stops: string[];
  /** Commands that have had their say: each is obeyed once. */
  readonly heard: Set<string>;
}

/** initialBalance + Σ pnl of closed trades − Σ (cost + entry fee) of open ones. */
export function cashOf(books: Books): bigint {
  let cash = books.initial + books.pnl;
  for (const { cost, entryFee } of books.open.values()) cash -= cost + entryFee;
  return cash;
}

export function openFeesOf(books: Books): bigint {
  let fees = 0n;
  for (const { entryFee } of books.open.values()) fees += entryFee;
  return fees;
}

/** Cash and the market value of what is open. */
export function equityOf(books: Books, priceOf: (symbol: string) => bigint | null): bigint {
  let equity = cashOf(books);
  for (const { symbol, amount, entryPrice } of books.open.values()) {
    equity += timesDown(amount, priceOf(symbol) ?? entryPrice);
  }
  return equity;
}

export const ratesOf = ({ commission, slippage }: AccountSettings): Rates => ({
  commission: widen(commission),
  slippage: widen(slippage),
});

/** Notes a new peak of equity or a deeper fall below it. */
export function trackEquity(books: Books, equity: bigint): void {
  if (equity > books.peakEquity) books.peakEquity = equity;
  const fall = books.peakEquity - equity;
  if (fall > books.maxDrawdown) books.maxDrawdown = fall;
}

/** Begins a new day where the old one is over. */
export function rollDay(books: Books, day: number, priceOf: (symbol: string) => bigint | null): void {
  if (day <= books.dayStart) return;
  books.dayStart = day;
  books.dayOpeningEquity = equityOf(books, priceOf);
  books.dayPnl = 0n;
}
