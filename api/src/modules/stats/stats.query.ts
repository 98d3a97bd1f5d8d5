/** Statistics: closed trades and equity to GraphQL. */
import type { AccountView, Store } from '@kairos/ports';
import type { Drawdown, EquitySample, Instant, TradePerformance } from '@kairos/schema';
import { calmarRatioOf, drawdown, formatMoney, ratioOf } from '@kairos/schema';
import type { ApiContext } from '../../context.js';
import { valueAccount } from '../../live/valuation.js';
import { readableAccount } from '../account/account.access.js';
import type { Optional } from '../arguments.js';
import { given } from '../arguments.js';
import { peakBefore } from '../equity/equity.query.js';
import { orNull } from '../text.js';
import { toTrade } from '../trade/trade.query.js';
import { priceBooks } from '../valuation.js';
import type { StatsCaches } from './caches.js';
import type { Closed } from './closed-trades.js';
import type { Counted } from './counted.js';
import { ofSpan, ofWholeLife } from './counted.js';
import type { EquityDays } from './equity-days.js';
import { equityDaysWithin } from './equity-days.js';
import type { StatsType } from './stats.type.js';
import type { Span } from './trade-pages.js';

/** A span counts trades closed within it, both ends included, and open ones entered within it. */
export interface StatsArguments {
  readonly accountId: Optional<string>;
  readonly from: Optional<Instant>;
  readonly to: Optional<Instant>;
}

/** Points of a span's curve that its drawdown is looked for in; of more, the lowest and highest of each stretch. */
const DRAWDOWN_POINTS_MAX = 10_000;

/** Figures of the equity curve. */
interface Course {
  readonly days: EquityDays;
  readonly falls: Drawdown;
}

/** Cash, balance and equity are as of now, whatever the span. @throws NotFoundError, BadInputError */
export async function statsOf(context: ApiContext, args: StatsArguments, caches: StatsCaches): Promise<StatsType> {
  const [view, books] = await Promise.all([readableAccount(context, args.accountId), priceBooks(context)]);
  const { store, live } = context.deps;
  const { equity, unrealizedPnl } = valueAccount(view, books);
  const now: EquitySample = { time: live.now(), equity };
  const span = spanOf(args);
  const known = caches.trades.of(view.account.id, view.account.seq);
  const [counted, course] = await Promise.all([
    span === null
      ? known.then((trades) => ofWholeLife(view, trades))
      : known.then(({ pages }) => ofSpan(store.readModels, view, { pages, span })),
    span === null ? wholeCourse(view, caches, now) : courseWithin(store, view, { ...span, now }),
  ]);
  const to = span === null || span.to === null || span.to > now.time ? now.time : span.to;
  return {
    ...countsOf(view, counted),
    ...performanceOf(counted.performance),
    equity: formatMoney(equity),
    unrealizedPnl: formatMoney(unrealizedPnl),
    ...courseOf(course),
    exposure: counted.exposure(course.days.begin, to),
  };
}

/** Null where everything is meant. */
export const spanOf = ({ from, to }: Pick<StatsArguments, 'from' | 'to'>): Span | null =>
  (from ?? null) === null && (to ?? null) === null ? null : { from: from ?? null, to: to ?? null };

const wholeCourse = async (view: AccountView, caches: StatsCaches, now: EquitySample): Promise<Course> => ({
  days: await caches.days.of(view.account, now),
  falls: view.mark,
});

async function courseWithin(
  { readModels }: Store,
  { account }: AccountView,
  span: Span & { readonly now: EquitySample },
): Promise<Course> {
  const { from, to, now } = span;
  const [days, peak, curve] = await Promise.all([
    equityDaysWithin(readModels, account, span),
    peakBefore(readModels, account, from),
    readModels.equity({ accountId: account.id, pointsMax: DRAWDOWN_POINTS_MAX, ...given({ from, to }) }),
  ]);
  const fold = drawdown(peak);
  const state = curve.reduce(fold.add, fold.initial);
  return { days, falls: fold.result(to === null || to >= now.time ? fold.add(state, now) : state) };
}

const courseOf = ({ days, falls }: Course) => ({
  sharpeRatio: days.sharpeRatio,
  sortinoRatio: days.sortinoRatio,
  cagrPercent: days.cagrPercent,
  calmarRatio: calmarRatioOf(days.cagrPercent, falls.maxDrawdownPercent),
  longestDrawdownDays: days.longestDrawdownDays,
  maxDrawdown: formatMoney(falls.maxDrawdown),
  maxDrawdownPercent: falls.maxDrawdownPercent,
});

function countsOf({ account }: AccountView, { performance, openTrades, feesPaid, volume }: Counted) {
  const { closedTrades, wins, losses } = performance;
  return {
    accountId: account.id,
    totalTrades: closedTrades + openTrades.length,
    openTrades: openTrades.length,
    closedTrades,
    wins,
    losses,
    winRate: ratioOf(BigInt(wins), BigInt(closedTrades)),
    initialBalance: formatMoney(account.initialBalance),
    cash: formatMoney(account.cash),
    balance: formatMoney(account.balance),
    openEntryFees: formatMoney(account.openEntryFees),
    feesPaid: formatMoney(feesPaid),
    volume: formatMoney(volume),
  };
}

const performanceOf = (performance: TradePerformance<Closed>) => ({
  realizedPnl: formatMoney(performance.realizedPnl),
  averageWin: orNull(performance.averageWin, formatMoney),
  averageLoss: orNull(performance.averageLoss, formatMoney),
  payoffRatio: performance.payoffRatio,
  profitFactor: performance.profitFactor,
  rating: performance.rating,
  expectancy: orNull(performance.expectancy, formatMoney),
  bestTrade: orNull(performance.bestTrade, toTrade),
  worstTrade: orNull(performance.worstTrade, toTrade),
  averageHoldingSeconds: performance.averageHoldingSeconds,
  longestWinStreak: performance.longestWinStreak,
  longestLossStreak: performance.longestLossStreak,
  currentStreak: performance.currentStreak,
  sqn: performance.sqn,
  pValue: performance.pValue,
});
