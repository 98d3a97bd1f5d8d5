/**
 * The newest price of one symbol: the one price that values positions and equity.
 *
 * A symbol's newest price is its newest market price. A valid signal's price counts only while the symbol has no
 * market price younger than 10 minutes, only if its time is later, and never outside the band around the newest price
 * or, before the first, around the entry price.
 */
import type { Price, Rate } from '../value/decimal.js';
import { ONE_RATE } from '../value/decimal.js';
import type { Instant } from '../value/instant.js';
import { MINUTE_MS } from '../value/instant.js';

/** A market price younger than this rules out signals' prices, and is what the price band is measured from. */
export const MARKET_PRICE_FRESH_MS = 10 * MINUTE_MS;

/** Where a price came from. ENTRY: nothing is known but the price that a position was entered at. */
export type PriceSource = 'MARKET' | 'SIGNAL' | 'ENTRY';

export interface KnownPrice {
  readonly price: Price;
  /** World time. */
  readonly at: Instant;
}

/** What is known of one symbol's price. */
export interface PriceBook {
  readonly symbol: string;
  /** Newest market price. */
  readonly market: KnownPrice | null;
  /** Newest price by the rule above, and whether the market or a signal told it. */
  readonly newest: (KnownPrice & { readonly source: 'MARKET' | 'SIGNAL' }) | null;
  /** The entry price of the first position opened before any price was known. */
  readonly entry: KnownPrice | null;
}

export const emptyPriceBook = (symbol: string): PriceBook => ({ symbol, market: null, newest: null, entry: null });

/** The book after a market price; the same book when the price is older than what it knows. */
export function withMarketPrice(book: PriceBook, price: KnownPrice): PriceBook {
  if (book.market && price.at < book.market.at) return book;
  return { ...book, market: price, newest: { ...price, source: 'MARKET' } };
}

/** The book after a valid signal's price; the same book when the price does not count. */
export function withSignalPrice(book: PriceBook, price: KnownPrice, now: Instant, band: Rate): PriceBook {
  if (isFreshMarket(book, now)) return book;
  const reference = book.newest ?? book.entry;
  if (reference && price.at <= reference.at) return book;
  if (reference && !isWithinBand(price.price, reference.price, band)) return book;
  return { ...book, newest: { ...price, source: 'SIGNAL' } };
}

/** Whether the book's market price is younger than 10 minutes. */
export const isFreshMarket = (book: PriceBook, now: Instant): boolean =>
  book.market !== null && now - book.market.at < MARKET_PRICE_FRESH_MS;

/** Whether a price is at most `band` (a share of the reference) away from the reference. */
export function isWithinBand(price: Price, reference: Price, band: Rate): boolean {
  const distance = price > reference ? price - reference : reference - price;
  return distance * ONE_RATE <= reference * band;
}
