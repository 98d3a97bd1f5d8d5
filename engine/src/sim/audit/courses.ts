/** What prices and signals mean for an account. */
import type { ExitReason, MarketCandle, Signal } from '@kairos/schema';
import type { Books, Position } from './books.js';
import { equityOf, trackEquity } from './books.js';
import type { Question } from './decide.js';
import { answerToBuy, answerToSell, sellPriceOf } from './decide.js';
import type { Course } from './expected.js';
import { ONE, timesHalfEven, widen } from './figures.js';
import type { Moment } from './trades.js';
import { attempt, close, open } from './trades.js';

/** A market price for an account that holds the symbol. `moment` is asked anew at each event. */
export function* coursePrice(books: Books, candle: MarketCandle, moment: () => Moment): Course {
  const position = books.open.get(candle.symbol);
  if (!position) return;
  const { prices } = moment();
  if (candle.close > position.peak) position.peak = candle.close;
  trackEquity(books, equityOf(books, prices.newest));
  // A panic closes it anyway, and a position has one closing order at a time.
  const isBeingClosed = books.status === 'STOPPING' || books.closings.has(position.tradeId);
  const reason = isBeingClosed ? null : exitReason(books, position, candle.close);
  if (!reason) return;
  yield attempt(books, position, moment(), { reason, commandId: null, attempts: 0 });
}

/** The stop loss comes first, the trailing stop last. */
function exitReason(books: Books, position: Position, price: bigint): ExitReason | null {
  if (position.stopLossPrice !== null && price <= position.stopLossPrice) return 'STOP_LOSS';
  if (position.takeProfitPrice !== null && price >= position.takeProfitPrice) return 'TAKE_PROFIT';
  const { trailingStop } = books.settings;
  if (trailingStop === null) return null;
  return price <= timesHalfEven(position.peak, ONE - widen(trailingStop)) ? 'TRAILING_STOP' : null;
}

/** A BUY or SELL for an account: exactly one decision if it trades the symbol when its turn comes. */
export function* courseSignal(
  books: Books,
  signal: Signal,
  { ask, onOpened }: { ask: () => Question; onOpened: () => void },
): Course {
  if (!books.open.has(signal.symbol) && !books.settings.symbols.includes(signal.symbol)) return;
  const question = ask();
  const decided = { causedBy: signal.id, isDecision: true };
  if (signal.action === 'BUY') {
    const answer = answerToBuy(books, question);
    if (typeof answer === 'string') {
      yield { type: 'SIGNAL_DECIDED', denial: answer, ...decided };
      return;
    }
    const opened = open(books, answer, { ...question, signal });
    onOpened();
    yield { type: 'TRADE_OPENED', opened, ...decided };
    return;
  }
  const denial = answerToSell(books, question);
  const position = books.open.get(signal.symbol);
  if (denial || !position) {
    yield { type: 'SIGNAL_DECIDED', denial: denial ?? 'NO_POSITION', ...decided };
    return;
  }
  const closed = close(books, position, { ...question, price: sellPriceOf(question), reason: 'SIGNAL' });
  yield { type: 'TRADE_CLOSED', closed, ...decided };
}
