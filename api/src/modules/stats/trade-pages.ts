/** Where an account's closed trades stand: what a span needs is read, and nothing else. */
import type { Fold, Instant } from '@kairos/schema';
import { BadInputError } from '../../graphql/errors.js';
import type { Closed, ClosedTrades } from './closed-trades.js';
import { TRADES_READ_MAX } from './closed-trades.js';
import { isClosedTrade } from '@kairos/schema';

/** Closed trades in a row by seq, at most as many as are read at a time. */
export interface TradePage {
  readonly afterSeq: number;
  readonly count: number;
  /** The earliest entry and the latest exit among them. */
  readonly from: Instant;
  readonly to: Instant;
}

/** Both ends included; null = open. */
export interface Span {
  readonly from: Instant | null;
  readonly to: Instant | null;
}

/** Pages that one answer about a span reads at most: 100,000 trades. */
export const PAGES_READ_MAX = 100;

/** The newest page, its newest trade, and the pages before. */
interface Pages {
  readonly page: TradePage;
  readonly seq: number;
  readonly before: Pages | null;
}

export type TradePagesState = Pages | null;

/** Pages, the oldest first. */
export const tradePages: Fold<Closed, TradePagesState, readonly TradePage[]> = {
  initial: null,
  add(state, { seq, entryTime, exitTime }) {
    if (!state || state.page.count >= TRADES_READ_MAX) {
      return { page: { afterSeq: state?.seq ?? 0, count: 1, from: entryTime, to: exitTime }, seq, before: state };
    }
    const { afterSeq, count, from, to } = state.page;
    const grown = { from: entryTime < from ? entryTime : from, to: exitTime > to ? exitTime : to };
    return { page: { afterSeq, count: count + 1, ...grown }, seq, before: state.before };
  },
  result(state) {
    const pages: TradePage[] = [];
    for (let node = state; node; node = node.before) pages.push(node.page);
    return pages.reverse();
  },
};

export const isWithin = (time: Instant, { from, to }: Span): boolean =>
  (from === null || time >= from) && (to === null || time <= to);

/**
 * The closed trades on those pages that were held at some time in a span, oldest exit first; others may be among them.
 *
 * @throws BadInputError when the span holds more than 100,000 trades
 */
export async function* closedTradesAround(
  readModels: ClosedTrades,
  { accountId, pages }: { readonly accountId: string; readonly pages: readonly TradePage[] },
  span: Span,
): AsyncGenerator<Closed> {
  const needed = pages.filter(
    ({ from, to }) => (span.to === null || from <= span.to) && (span.from === null || to >= span.from),
  );
  if (needed.length > PAGES_READ_MAX) {
    const found = needed.reduce((sum, { count }) => sum + count, 0);
    throw new BadInputError(
      `from, to: expected a span with at most ${PAGES_READ_MAX * TRADES_READ_MAX} closed trades, found ${found}; take a shorter one.`,
    );
  }
  for (const { afterSeq, count } of needed) {
    const trades = await readModels.closedTrades(accountId, afterSeq, count);
    for (const trade of trades) if (isClosedTrade(trade)) yield trade;
  }
}
