import type { Amount, Money, Price } from '../value/decimal.js';
import type { Instant } from '../value/instant.js';
import type { Interval } from './interval.js';
import { INTERVAL_MS } from './interval.js';

/** Open, high, low and close price and traded amount of one symbol over one interval. */
export interface Candle {
  readonly symbol: string;
  readonly interval: Interval;
  /** Open time; the close time is this plus the interval. */
  readonly time: Instant;
  readonly open: Price;
  readonly high: Price;
  readonly low: Price;
  readonly close: Price;
  /** In the base coin. */
  readonly volume: Amount;
  /** False = still in progress, so that `close` is the newest trade price. */
  readonly closed: boolean;
}

/** A candle as it came over the bus: one price (`close`) that was true at one moment (`at`). */
export interface MarketCandle extends Candle {
  /** When `close` was true, in world time. */
  readonly at: Instant;
  readonly source: string;
  /** REPLAY and SIMULATOR: the last candle that closes at this time. */
  readonly last: boolean;
}

export const closeTimeOf = (candle: Candle): Instant => (candle.time + INTERVAL_MS[candle.interval]) as Instant;

/** What is known of a traded pair; null decimals and minimum where nobody said. */
export interface Instrument {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  /** Decimals that prices are shown with. */
  readonly priceDecimals: number;
  /** Amounts are rounded down to this many decimals, 0 to 8. */
  readonly amountDecimals: number;
  /** Smallest cost of an order in the quote currency; null = none known. */
  readonly minOrderValue: Money | null;
}
