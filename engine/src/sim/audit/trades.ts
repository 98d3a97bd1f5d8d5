/** What opening and closing do to the auditor's books. */
import type { ExitReason, Instant, Signal } from '@kairos/schema';
import type { Books, ClosingOrder, Position } from './books.js';
import { equityOf, ratesOf, trackEquity } from './books.js';
import type { House } from './decide.js';
import { VENUE_REFUSAL } from './decide.js';
import type { Expected } from './expected.js';
import type { EntryFigures, ExitFigures } from './figures.js';
import { exitFigures, ONE, timesHalfEven, widen } from './figures.js';
import type { Prices } from './prices.js';

/** The id of a trade is a function of account, cause and symbol. */
export const tradeIdOf = (accountId: string, symbol: string, signalId: string): string =>
  [accountId, symbol, signalId].join(':');

export interface Moment {
  readonly now: Instant;
  readonly prices: Prices;
  readonly house: House;
}

export function open(
  books: Books,
  figures: EntryFigures,
  { now, prices, signal }: Moment & { signal: Signal },
): Position {
  const { stopLoss, takeProfit } = books.settings;
  const { entryPrice } = figures;
  const position: Position = {
    ...figures,
    tradeId: tradeIdOf(books.id, signal.symbol, signal.id),
    symbol: signal.symbol,
    cause: signal.id,
    entryTime: now,
    stopLossPrice: stopLoss === null ? null : timesHalfEven(entryPrice, ONE - widen(stopLoss)),
    takeProfitPrice: takeProfit === null ? null : timesHalfEven(entryPrice, ONE + widen(takeProfit)),
    peak: entryPrice,
  };
  books.open.set(signal.symbol, position);
  books.fees += figures.entryFee;
  trackEquity(books, equityOf(books, prices.newest));
  return position;
}

export function close(
  books: Books,
  position: Position,
  { now, prices, price, reason }: Moment & { readonly price: bigint; readonly reason: ExitReason },
): NonNullable<Expected['closed']> {
  const figures: ExitFigures = exitFigures(price, position, ratesOf(books.settings));
  books.open.delete(position.symbol);
  books.closings.delete(position.tradeId);
  books.pnl += figures.pnl;
  books.dayPnl += figures.pnl;
  books.fees += figures.exitFee;
  books.closed += 1;
  if (figures.pnl > 0n) books.wins += 1;
  if (figures.pnl < 0n) {
    books.losses += 1;
    books.lastLossAt.set(position.symbol, now);
  }
  trackEquity(books, equityOf(books, prices.newest));
  return { ...figures, position, reason };
}

/** Sends an order that closes a position at the newest price, and that the venue may refuse: it is tried again then. */
export function attempt(books: Books, position: Position, moment: Moment, order: ClosingOrder): Expected {
  const { symbol, tradeId, cause } = position;
  const { house, now } = moment;
  const causedBy = order.commandId ?? cause;
  const attempts = order.attempts + 1;
  if (house.refuses({ accountId: books.id, symbol, action: 'SELL', attempt: attempts, at: now })) {
    books.closings.set(tradeId, { ...order, attempts });
    return { type: 'CLOSE_FAILED', causedBy, error: VENUE_REFUSAL };
  }
  const { price, priced } = newestFor(position, moment);
  const closed = close(books, position, { ...moment, price, reason: order.reason });
  return { type: 'TRADE_CLOSED', causedBy, closed, priced };
}

/** Price, source and age of an order that no signal priced: the symbol's newest price, however old. */
function newestFor(position: Position, { now, prices }: Moment) {
  const newest = prices.of(position.symbol).newest;
  const price = newest ?? { price: position.entryPrice, at: position.entryTime, source: 'ENTRY' as const };
  return { price: price.price, priced: { source: price.source, ageMs: Math.max(0, now - price.at) } };
}
