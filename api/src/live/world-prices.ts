/**
 * The prices of a world: as the trader has committed them, and with an exchange newer ones from the bus laid over them.
 * In lock-step worlds the feed is ahead of the trader, so there only what was committed counts.
 */
import type { Clock } from '@kairos/ports';
import type { Instant, KnownPrice, MarketCandle, PriceBook } from '@kairos/schema';
import type { Stream } from './channel.js';
import type { CommittedState } from './committed.js';
import type { PriceState } from './price-state.js';
import { createPriceBoard, priceStateOf } from './price-state.js';
import type { PriceBooks } from './valuation.js';
import { overlaid } from './valuation.js';

export interface WorldPrices {
  books(): PriceBooks;
  /** Newest market prices heard on the bus. */
  market(): ReadonlyMap<string, KnownPrice>;
  /** Wall time at which a symbol's newest price became known. */
  heardAt(symbol: string): Instant | null;
  newestHeardAt(): Instant | null;
  /** What was committed; the symbols whose newest price is another one now. */
  commit(before: CommittedState, after: CommittedState): readonly string[];
  /** A candle heard on the bus; whether its symbol's newest price is another one now. */
  offer(candle: MarketCandle, receivedAt: Instant): boolean;
  subscribe(symbols: readonly string[] | null): Stream<PriceState>;
  stop(): void;
}

export function createWorldPrices(clock: Clock, { isLockStep }: { readonly isLockStep: boolean }): WorldPrices {
  const board = createPriceBoard(clock);
  const market = new Map<string, KnownPrice>();
  let committed: readonly PriceBook[] = [];
  let books: PriceBooks | null = null;
  const currentBooks = (): PriceBooks => (books ??= overlaid(committed, market));

  return {
    books: currentBooks,
    market: () => market,
    heardAt: (symbol) => board.newest(symbol)?.receivedAt ?? null,
    newestHeardAt: () => board.newestHeardAt(),
    commit(before, after) {
      committed = after.books;
      books = null;
      const isFirst = before.progress === null;
      const changed = [...currentBooks().values()].filter((book) => {
        const price = priceStateOf(book, isFirst ? firstHeardAt(book, after, isLockStep) : clock.now());
        return price !== null && board.take(price);
      });
      return changed.map((book) => book.symbol);
    },
    offer({ symbol, close: price, at }, receivedAt) {
      if (at < (market.get(symbol)?.at ?? 0)) return false;
      market.set(symbol, { price, at });
      books = null;
      const newest = currentBooks().get(symbol)?.newest;
      return newest?.at === at && board.take({ symbol, price: newest.price, at, receivedAt });
    },
    subscribe: (symbols) => board.subscribe(symbols),
    stop: () => board.stop(),
  };
}

/** When a price that was known before this process began became known, as near as can be told. */
function firstHeardAt(book: PriceBook, { progress }: CommittedState, isLockStep: boolean): Instant {
  const worldTime = book.newest?.at ?? (0 as Instant);
  return isLockStep ? (progress?.committedAt ?? worldTime) : worldTime;
}
