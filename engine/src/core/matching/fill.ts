/** Paper fills: from a price and a size to the figures of a trade. One logic for paper, replay and backtest. */
import type { AccountSettings, Amount, Instrument, Money, Price, PriceBook, Rate, Signal, Trade } from '@kairos/schema';
import {
  AMOUNT_DECIMALS,
  amountFor,
  buyPrice,
  costOf,
  feeOn,
  minus,
  plus,
  powerOfTen,
  revenueOf,
  sellPrice,
  spendOf,
} from '@kairos/schema';
import type { ClosedTrade } from '../ledger/books.js';

/** The newest market price if it is younger than the signal, else the signal's price. */
export const signalFillPrice = (book: PriceBook, signal: Signal): Price =>
  book.market !== null && book.market.at > signal.time ? book.market.price : signal.price;

export interface EntryFill {
  readonly amount: Amount;
  readonly entryPrice: Price;
  readonly cost: Money;
  readonly entryFee: Money;
}

/** What a BUY at this price would take out of this cash. The amount is 0 when the cash buys less than one step. */
export function fillEntry(cash: Money, price: Price, settings: AccountSettings, instrument?: Instrument): EntryFill {
  const entryPrice = buyPrice(price, settings.slippage);
  const spend = spendOf(cash, settings.riskPerTrade, settings.commission);
  const amount = amountFor(spend, entryPrice, instrument?.amountDecimals);
  const cost = costOf(amount, entryPrice);
  return { amount, entryPrice, cost, entryFee: feeOn(cost, settings.commission) };
}

/** The part of an entry that fills when at most this amount can be had, in whole steps: the rest is cancelled. */
export function fillPart(fill: EntryFill, most: Amount, of: { commission: Rate; decimals: number }): EntryFill {
  if (fill.amount <= most) return fill;
  const step = powerOfTen(AMOUNT_DECIMALS - of.decimals);
  const amount = (most - (most % step)) as Amount;
  const cost = costOf(amount, fill.entryPrice);
  return { amount, entryPrice: fill.entryPrice, cost, entryFee: feeOn(cost, of.commission) };
}

type ExitFigures = Pick<ClosedTrade, 'exitPrice' | 'revenue' | 'exitFee' | 'pnl'>;

/** What selling the whole position at this price brings. */
export function fillExit(trade: Trade, price: Price, rates: { slippage: Rate; commission: Rate }): ExitFigures {
  const exitPrice = sellPrice(price, rates.slippage);
  const revenue = revenueOf(trade.amount, exitPrice);
  const exitFee = feeOn(revenue, rates.commission);
  const pnl = minus(minus(revenue, exitFee), plus(trade.cost, trade.entryFee));
  return { exitPrice, revenue, exitFee, pnl };
}
