/** What positions are worth: one price per symbol values them all (contract, "Trading rules"). */
import type { Instant, Money, Price, PriceBook, PriceSource, Trade } from '@kairos/schema';
import { plus, revenueOf } from '@kairos/schema';
import type { AccountState, EngineState } from '../state.js';
import { marketOf } from '../state.js';

/** A symbol's newest price for a position, with where it came from and when it was true. */
export interface Valuation {
  readonly price: Price;
  readonly at: Instant;
  readonly source: PriceSource;
}

/** The newest price known; the entry price while there is no other. */
export function valuationOf(book: PriceBook, trade: Trade): Valuation {
  return book.newest ?? { price: trade.entryPrice, at: trade.entryTime, source: 'ENTRY' };
}

/** amount × newest price, down. */
export const marketValueOf = (book: PriceBook, trade: Trade): Money =>
  revenueOf(trade.amount, valuationOf(book, trade).price);

/** Cash plus the market value of open positions. */
export function equityOf(state: EngineState, account: AccountState): Money {
  let equity = account.account.cash;
  const { openTrades } = account;
  for (let index = 0; index < openTrades.size; index++) {
    const trade = openTrades.at(index);
    equity = plus(equity, marketValueOf(marketOf(state, trade.symbol), trade));
  }
  return equity;
}
