/** Statistics: closed trades and equity to GraphQL. */
import type { AccountView, Store, StoredEquityPoint } from '@kairos/ports';
import type { Instant, Money, Trade } from '@kairos/schema';
import {
  calmarRatioOf,
  dailyReturns,
  drawdown,
  formatMoney,
  plus,
  POINTS_MAX,
  ratioOf,
  tradePerformance,
  ZERO_MONEY,
} from '@kairos/schema';
import type { ApiContext } from '../../context.js';
import { valueAccount } from '../../live/valuation.js';
import { readableAccount } from '../account/account.access.js';
import type { Optional } from '../arguments.js';
import { given } from '../arguments.js';
import { peakBefore } from '../equity/equity.query.js';
import { orNull } from '../text.js';
import { toTrade } from '../trade/trade.query.js';
import { priceBooks } from '../valuation.js';
import type { Closed, Performance, PerformanceCache } from './performance-cache.js';
import { closedTradesOf } from './performance-cache.js';
import type { StatsType } from './stats.type.js';

/** A span counts trades closed within it, both ends included, and open ones entered within it. */
export interface StatsArguments {
  readonly accountId: Optional<string>;
  readonly from: Optional<Instant>;
  readonly to: Optional<Instant>;
}

interface Span {
  readonly from: Instant | null;
  readonly to: Instant | null;
}

/** What is counted: of the account's whole life, or of a span of it. */
interface Counted {
  readonly performance: Performance;
  readonly openTrades: readonly Trade[];
  readonly feesPaid: Money;
}

/** Cash, balance and equity are as of now, whatever the span. @throws NotFoundError */
export async function statsOf(context: ApiContext, args: StatsArguments, cache: PerformanceCache): Promise<StatsType> {
  const [view, books] = await Promise.all([readableAccount(context, args.accountId), priceBooks(context)]);
  const { store, live } = context.deps;
  const span: Span = { from: args.from ?? null, to: args.to ?? null };
  const isWhole = span.from === null && span.to === null;
  const [counted, curve] = await Promise.all([
    isWhole ? ofWholeLife(view, cache) : ofSpan(store, view, span),
    store.readModels.equity({ accountId: view.account.id, pointsMax: POINTS_MAX, ...given(span) }),
  ]);
  const falls = isWhole ? view.mark : await fallsWithin(store, view, span.from, curve);
  const { equity, unrealizedPnl } = valueAccount(view, books);
  return {
    ...countsOf(view, counted),
    ...performanceOf(counted.performance),
    equity: formatMoney(equity),
    unrealizedPnl: formatMoney(unrealizedPnl),
    maxDrawdown: formatMoney(falls.maxDrawdown),
    maxDrawdownPercent: falls.maxDrawdownPercent,
    ...growthOf(isWhole ? view.account.initialBalance : null, curve, falls.maxDrawdownPercent),
    exposure: exposureOf(counted, span, curve[0]?.time ?? null, live.now()),
  };
}

const ofWholeLife = async (view: AccountView, cache: PerformanceCache): Promise<Counted> => ({
  performance: await cache.of(view.account.id, view.account.seq),
  openTrades: view.openTrades,
  feesPaid: view.account.feesPaid,
});

async function ofSpan(store: Store, view: AccountView, span: Span): Promise<Counted> {
  const fold = tradePerformance<Closed>();
  const openTrades = view.openTrades.filter((trade) => isWithin(trade.entryTime, span));
  let state = fold.initial;
  let feesPaid = openTrades.reduce((sum, trade) => plus(sum, trade.entryFee), ZERO_MONEY);
  for await (const trade of closedTradesOf(store.readModels, view.account.id, 0)) {
    if (trade.seq > view.account.seq) break;
    if (!isWithin(trade.exitTime, span)) continue;
    state = fold.add(state, trade);
    feesPaid = plus(feesPaid, plus(trade.entryFee, trade.exitFee ?? ZERO_MONEY));
  }
  return { performance: fold.result(state), openTrades, feesPaid };
}

const isWithin = (time: Instant, { from, to }: Span): boolean =>
  (from === null || time >= from) && (to === null || time <= to);

async function fallsWithin(
  store: Store,
  { account }: AccountView,
  from: Instant | null,
  curve: readonly StoredEquityPoint[],
) {
  const fold = drawdown(await peakBefore(store, account, from));
  return fold.result(curve.reduce(fold.add, fold.initial));
}

/** Growth follows from both ends of the curve, which thinning keeps; ratios of daily returns come later. */
function growthOf(initial: Money | null, curve: readonly StoredEquityPoint[], maxDrawdownPercent: number) {
  const fold = dailyReturns(initial ?? curve[0]?.equity ?? ZERO_MONEY);
  const { cagrPercent } = fold.result(curve.reduce(fold.add, fold.initial));
  const calmarRatio = calmarRatioOf(cagrPercent, maxDrawdownPercent);
  return { sharpeRatio: null, sortinoRatio: null, cagrPercent, calmarRatio };
}

function exposureOf({ performance, openTrades }: Counted, span: Span, begin: Instant | null, now: Instant) {
  const from = span.from ?? begin;
  const openSince = openTrades.map((trade) => trade.entryTime);
  return from === null ? null : performance.exposure({ from, to: span.to ?? now, openSince });
}

function countsOf({ account }: AccountView, { performance, openTrades, feesPaid }: Counted) {
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
  };
}

const performanceOf = (performance: Performance) => ({
  realizedPnl: formatMoney(performance.realizedPnl),
  averageWin: orNull(performance.averageWin, formatMoney),
  averageLoss: orNull(performance.averageLoss, formatMoney),
  payoffRatio: performance.payoffRatio,
  profitFactor: performance.profitFactor,
  rating: performance.rating,
  expectancy: orNull(performance.expectancy, formatMoney),
  bestTrade: orNull(performance.bestTrade, toTrade),
  worstTrade: orNull(performance.worstTrade, toTrade),
  averageHoldingSeconds: orNull(performance.averageHoldingSeconds, Math.round),
  longestWinStreak: performance.longestWinStreak,
  longestLossStreak: performance.longestLossStreak,
  sqn: performance.sqn,
  pValue: performance.pValue,
});
