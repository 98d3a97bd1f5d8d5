/** The newest price of each symbol, as it is told. */
import type { Clock } from '@kairos/ports';
import type { Instant, Price, PriceBook } from '@kairos/schema';
import type { Broadcast } from './broadcast.js';
import { createBroadcast } from './broadcast.js';
import type { Stream } from './channel.js';
import { createPacer } from './pacer.js';

export interface PriceState {
  readonly symbol: string;
  readonly price: Price;
  /** When it was true, in world time. */
  readonly at: Instant;
  /** Wall time. */
  readonly receivedAt: Instant;
}

/** The price that a book tells; null while it knows none. */
export const priceStateOf = (book: PriceBook, receivedAt: Instant): PriceState | null =>
  book.newest && { symbol: book.symbol, price: book.newest.price, at: book.newest.at, receivedAt };

export interface PriceBoard {
  /** The newest price as it is now; false when it was known already. */
  take(price: PriceState): boolean;
  newest(symbol: string): PriceState | null;
  /** Wall time of the newest price of any symbol. */
  newestHeardAt(): Instant | null;
  /** The newest prices at once, then each as it changes; null = every symbol. */
  subscribe(symbols: readonly string[] | null): Stream<PriceState>;
  stop(): void;
}

/** Prices go out at most this often; symbols that one subscriber is told of at the most. */
const PRICES_GAP_MIN_MS = 100;
const SYMBOLS_QUEUED_MAX = 1_000;

export function createPriceBoard(clock: Clock): PriceBoard {
  const newest = new Map<string, PriceState>();
  let heardAt: Instant | null = null;
  const changed = new Set<string>();
  const broadcast: Broadcast<PriceState> = createBroadcast({
    capacity: SYMBOLS_QUEUED_MAX,
    keyOf: (price: PriceState) => price.symbol,
  });
  const pacer = createPacer(clock, { gapMinMs: PRICES_GAP_MIN_MS, gapMaxMs: Infinity }, () => {
    for (const symbol of changed) {
      const price = newest.get(symbol);
      if (price) broadcast.push(price);
    }
    changed.clear();
  });

  return {
    take(price) {
      const known = newest.get(price.symbol);
      if (known && price.at === known.at && price.price === known.price) return false;
      newest.set(price.symbol, price);
      if (heardAt === null || price.receivedAt > heardAt) heardAt = price.receivedAt;
      changed.add(price.symbol);
      pacer.touch();
      return true;
    },
    newest: (symbol) => newest.get(symbol) ?? null,
    newestHeardAt: () => heardAt,
    subscribe(symbols) {
      const accepts = (price: PriceState): boolean => symbols === null || symbols.includes(price.symbol);
      return broadcast.subscribe({ accepts, initial: [...newest.values()].filter(accepts) });
    },
    stop: () => pacer.stop(),
  };
}
