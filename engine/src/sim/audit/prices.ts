/** The newest price of each symbol as the contract has it: the market's, or a signal's while the market is silent. */
import type { Instant } from '@kairos/schema';
import { ONE } from './figures.js';

/** A market price younger than this is the one that counts. */
const FRESH_MS = 600_000;

export interface Told {
  readonly price: bigint;
  readonly at: Instant;
}

export interface KnownPrices {
  market: Told | null;
  newest: (Told & { readonly source: 'MARKET' | 'SIGNAL' }) | null;
  /** Price and time of the signal that opened the first position before any price was known. */
  entry: Told | null;
}

export interface Prices {
  of(symbol: string): KnownPrices;
  /** The newest price; null while there is none. */
  newest(symbol: string): bigint | null;
  /** The market price, if it is younger than 10 minutes. */
  fresh(symbol: string, now: Instant): bigint | null;
  /** Takes a market price; false when it is older than what is known. */
  market(symbol: string, told: Told): boolean;
  /** Lets a signal's price count where it may. */
  signal(symbol: string, told: Told, now: Instant): void;
  entered(symbol: string, told: Told): void;
  all(): Iterable<readonly [string, KnownPrices]>;
}

/** @param band PRICE_BAND in units of 1e-12. */
export function createPrices(band: bigint): Prices {
  const bySymbol = new Map<string, KnownPrices>();

  const of = (symbol: string): KnownPrices => {
    let known = bySymbol.get(symbol);
    if (!known) bySymbol.set(symbol, (known = { market: null, newest: null, entry: null }));
    return known;
  };

  const fresh = (symbol: string, now: Instant): bigint | null => {
    const { market } = of(symbol);
    return market && now - market.at < FRESH_MS ? market.price : null;
  };

  return {
    of,
    newest: (symbol) => bySymbol.get(symbol)?.newest?.price ?? null,
    fresh,
    market(symbol, told) {
      const known = of(symbol);
      if (known.market && told.at < known.market.at) return false;
      known.market = told;
      known.newest = { ...told, source: 'MARKET' };
      return true;
    },
    signal(symbol, told, now) {
      const known = of(symbol);
      if (fresh(symbol, now) !== null) return;
      const before = known.newest ?? known.entry;
      if (before && (told.at <= before.at || !isWithin(told.price, before.price, band))) return;
      known.newest = { ...told, source: 'SIGNAL' };
    },
    entered(symbol, told) {
      of(symbol).entry ??= told;
    },
    all: () => bySymbol,
  };
}

/** Whether a price is at most `band` away from a reference, as a share of it. */
export function isWithin(price: bigint, reference: bigint, band: bigint): boolean {
  const apart = price > reference ? price - reference : reference - price;
  return apart * ONE <= reference * band;
}
