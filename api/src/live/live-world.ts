/**
 * What is happening now in one world, for subscriptions and for the figures of queries.
 *
 * Each subject (an account's PnL, an account's facts, prices, ...) has ONE source, however many subscribe to it. Every
 * stream is pulled by its subscriber and bounded: state keeps only what is newest, facts end with CONFLICT when a
 * subscriber falls further behind than its queue is long.
 */
import type { AccountView, Service, StoredSignal } from '@kairos/ports';
import type { Instant, Interval, KnownPrice, MarketCandle, TradingEvent } from '@kairos/schema';
import type { CommandView } from './command-view.js';
import type { PnlState } from './pnl-state.js';
import type { PriceState } from './price-state.js';
import type { SystemState } from './system-state.js';

/** Values until it ends or fails; `return()` leaves the source and frees what was kept for it. */
export type Stream<T> = AsyncIterableIterator<T, undefined, undefined>;

export interface LiveWorld extends Service {
  /** World time now: the clock with an exchange, else the newest committed. */
  now(): Instant;
  /** Market prices heard on the bus that value positions before the trader commits them; empty in lock-step worlds. */
  marketPrices(): ReadonlyMap<string, KnownPrice>;
  /** Wall time at which a symbol's newest price became known; null while none has. */
  priceHeardAt(symbol: string): Instant | null;
  /** A signal heard on the bus a moment ago, which read models may not show yet. */
  recentSignal(id: string): StoredSignal | null;
  /** Accounts as they were last read: for stopping them while the store does not answer. */
  knownAccounts(): readonly AccountView[];
  /** How feed, predictor, trader, bus and store are. */
  system(): SystemState;

  /** At once, on change at most 4 times a second, and at least every 2 s. */
  pnl(accountId: string): Promise<Stream<PnlState>>;
  /**
   * An account's events after `afterSeq` (null: from now on) in order of seq, without gap or repeat.
   * @throws ConflictError when more than 1,000 behind, also later when the subscriber does not keep up.
   */
  facts(accountId: string, afterSeq: number | null): Promise<Stream<TradingEvent>>;
  /** Signals as they are published; null = of every symbol. */
  signals(symbols: readonly string[] | null): Stream<StoredSignal>;
  /** Newest price per symbol; null = every symbol. */
  prices(symbols: readonly string[] | null): Stream<PriceState>;
  candles(symbol: string, interval: Interval): Stream<MarketCandle>;
  /** At once and with every step, until the status is final; limited to what `accountIds` (null: all) may be told of. */
  command(id: string, accountIds: readonly string[] | null): Stream<CommandView>;
  /** At once, on change and at least every 2 s. */
  systemStates(): Stream<SystemState>;
}
