/** The trades that statistics are made of: of an account's whole life, or of a span of it. */
import type { AccountView, ReadModels } from '@kairos/ports';
import type { ExposureSpan, Instant, Money, OpenStretch, Trade, TradePerformance } from '@kairos/schema';
import { exposureOf, plus, withStretch } from '@kairos/schema';
import type { Closed } from './closed-trades.js';
import type { ClosedTradesKnown } from './caches.js';
import { performanceFold } from './caches.js';
import type { Span } from './trade-pages.js';
import { closedTradesAround, isWithin } from './trade-pages.js';

export interface Counted {
  readonly performance: TradePerformance<Closed>;
  readonly openTrades: readonly Trade[];
  /** Of both, as far as it has been paid and turned over. */
  readonly feesPaid: Money;
  readonly volume: Money;
  /** Share of a span of time with any position of the account open, counted or not. */
  exposure(from: Instant, to: Instant): number | null;
}

export function ofWholeLife({ account, openTrades }: AccountView, { performance }: ClosedTradesKnown): Counted {
  return {
    performance,
    openTrades,
    feesPaid: account.feesPaid,
    volume: sumOf(performance.volume, openTrades, ({ cost }) => cost),
    exposure: (from, to) => performance.exposure(spanOf(openTrades, from, to)),
  };
}

/** Trades closed within the span, both ends included, and open ones entered within it. @throws BadInputError */
export async function ofSpan(
  readModels: Pick<ReadModels, 'closedTrades'>,
  view: AccountView,
  { pages, span }: Pick<ClosedTradesKnown, 'pages'> & { readonly span: Span },
): Promise<Counted> {
  let state = performanceFold.initial;
  let stretches: OpenStretch | null = null;
  for await (const trade of closedTradesAround(readModels, { accountId: view.account.id, pages }, span)) {
    stretches = withStretch(stretches, trade);
    if (isWithin(trade.exitTime, span)) state = performanceFold.add(state, trade);
  }
  const performance = performanceFold.result(state);
  const openTrades = view.openTrades.filter((trade) => isWithin(trade.entryTime, span));
  return {
    performance,
    openTrades,
    feesPaid: sumOf(performance.feesPaid, openTrades, ({ entryFee }) => entryFee),
    volume: sumOf(performance.volume, openTrades, ({ cost }) => cost),
    exposure: (from, to) => exposureOf(stretches, spanOf(view.openTrades, from, to)),
  };
}

const sumOf = (sum: Money, trades: readonly Trade[], of: (trade: Trade) => Money): Money =>
  trades.reduce((total, trade) => plus(total, of(trade)), sum);

const spanOf = (openTrades: readonly Trade[], from: Instant, to: Instant): ExposureSpan => ({
  from,
  to,
  openSince: openTrades.map(({ entryTime }) => entryTime),
});
