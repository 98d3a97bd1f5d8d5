/** What accounts and positions are worth: one price per symbol values them all (contract, "Trading rules"). */
import type { AccountView } from '@kairos/ports';
import type { Instant, KnownPrice, Money, Price, PriceBook, Trade } from '@kairos/schema';
import { emptyPriceBook, minus, plus, revenueOf, withMarketPrice, ZERO_MONEY } from '@kairos/schema';

/** Price books by symbol. */
export type PriceBooks = ReadonlyMap<string, PriceBook>;

export interface ValuedPosition {
  readonly trade: Trade;
  /** The newest price known; at first the entry price. */
  readonly price: Price;
  /** World time; null while only the entry price is known. */
  readonly priceTime: Instant | null;
  /** amount × price, down. */
  readonly value: Money;
  /** value − cost. */
  readonly unrealizedPnl: Money;
}

/** equity = balance + unrealizedPnl − openEntryFees, exactly. */
export interface Valuation {
  /** Newest entry first. */
  readonly positions: readonly ValuedPosition[];
  /** Cash plus the market value of open positions. */
  readonly equity: Money;
  readonly unrealizedPnl: Money;
  /** equity − dayOpeningEquity. */
  readonly todayPnl: Money;
}

export function valuePosition(trade: Trade, books: PriceBooks): ValuedPosition {
  const newest = books.get(trade.symbol)?.newest ?? null;
  const price = newest?.price ?? trade.entryPrice;
  const value = revenueOf(trade.amount, price);
  return { trade, price, priceTime: newest?.at ?? null, value, unrealizedPnl: minus(value, trade.cost) };
}

export function valueAccount({ account, openTrades, mark }: AccountView, books: PriceBooks): Valuation {
  const newestFirst = [...openTrades].sort((a, b) => b.openedSeq - a.openedSeq);
  const positions = newestFirst.map((trade) => valuePosition(trade, books));
  const equity = positions.reduce((sum, position) => plus(sum, position.value), account.cash);
  const unrealizedPnl = positions.reduce((sum, position) => plus(sum, position.unrealizedPnl), ZERO_MONEY);
  return { positions, equity, unrealizedPnl, todayPnl: minus(equity, mark.dayOpeningEquity) };
}

/** The committed books with newer market prices laid over them. */
export function overlaid(books: readonly PriceBook[], market: ReadonlyMap<string, KnownPrice>): PriceBooks {
  const overlaidBooks = new Map(books.map((book) => [book.symbol, book]));
  for (const [symbol, price] of market) {
    const book = overlaidBooks.get(symbol) ?? emptyPriceBook(symbol);
    if (!book.market || price.at > book.market.at) overlaidBooks.set(symbol, withMarketPrice(book, price));
  }
  return overlaidBooks;
}
