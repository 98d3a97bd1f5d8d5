/**
 * What the engine knows of one symbol: its prices, who trades it and who holds it. Changed in place: a price that
 * concerns nobody costs two comparisons and allocates nothing.
 */
import type { Amount, Instant, KnownPrice, MarketCandle, Price, PriceBook, PriceSource } from '@kairos/schema';
import type { AccountState } from './state.js';

/** A known price that is changed in place. */
interface Known {
  price: Price;
  at: Instant;
  readonly source: Exclude<PriceSource, 'ENTRY'>;
}

/** A position as its market sees it: prices between `low` and `high`, both excluded, change nothing of its account. */
export interface Holding {
  readonly account: AccountState;
  low: bigint;
  high: bigint;
}

/** A price book that is changed in place: whoever keeps what it says takes a copy (`bookTextOf`). */
export interface Market extends PriceBook {
  market: Known | null;
  /** The same one as `market` while no signal's price is newer. */
  newest: Known | null;
  entry: KnownPrice | null;
  /** Of the newest candle; null before the first, and after a restart until the next. */
  volume: Amount | null;
  /** Its prices have changed since changes were last taken. */
  isChanged: boolean;
  /** Accounts that trade it, by their settings or because they hold it, in order of opening. */
  readonly traders: AccountState[];
  /** Accounts that hold it, in order of entry. */
  readonly holders: Map<AccountState, Holding>;
  /** Prices between these, both excluded, concern no holder. */
  quietLow: bigint;
  quietHigh: bigint;
}

/** Above every price. */
export const NO_PRICE_ABOVE = 10n ** 40n;
/** Below every price. */
export const NO_PRICE_BELOW = -1n;

export const emptyMarket = (symbol: string): Market => ({
  symbol,
  market: null,
  newest: null,
  entry: null,
  volume: null,
  isChanged: false,
  traders: [],
  holders: new Map(),
  quietLow: NO_PRICE_BELOW,
  quietHigh: NO_PRICE_ABOVE,
});

/** Takes a market price; false when it is older than the newest one. */
export function setMarketPrice(known: Market, candle: Pick<MarketCandle, 'close' | 'at' | 'volume'>): boolean {
  const { market } = known;
  if (market !== null && candle.at < market.at) return false;
  known.volume = candle.volume;
  if (market === null) {
    known.market = known.newest = { price: candle.close, at: candle.at, source: 'MARKET' };
    return true;
  }
  market.price = candle.close;
  market.at = candle.at;
  if (known.newest !== market) known.newest = market;
  return true;
}

/** Takes over what a book says. */
export function setBook(market: Market, book: PriceBook): void {
  market.market = book.market && { price: book.market.price, at: book.market.at, source: 'MARKET' };
  market.newest = book.newest && { ...book.newest };
  market.entry = book.entry;
}

/** A copy of what is known of the prices. */
export const bookCopy = ({ symbol, market, newest, entry }: Market): PriceBook => ({
  symbol,
  market: market && { price: market.price, at: market.at },
  newest: newest && { ...newest },
  entry,
});

/** Every holder is looked at with the next price. */
export function wake(market: Market): void {
  market.quietLow = NO_PRICE_ABOVE;
}

export function addTrader({ traders }: Market, account: AccountState): void {
  const index = indexOf(traders, account.ordinal);
  if (traders[index] !== account) traders.splice(index, 0, account);
}

export function removeTrader({ traders }: Market, account: AccountState): void {
  const index = indexOf(traders, account.ordinal);
  if (traders[index] === account) traders.splice(index, 1);
}

/** Where the first account with at least this ordinal stands among accounts in order of opening. */
export function indexOf(accounts: readonly AccountState[], ordinal: number): number {
  let low = 0;
  let high = accounts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (accounts[middle]!.ordinal < ordinal) low = middle + 1;
    else high = middle;
  }
  return low;
}
