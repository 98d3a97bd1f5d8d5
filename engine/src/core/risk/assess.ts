/**
 * The rules that say no. A BUY is tested against every denial reason but NO_POSITION in the order of the contract, a
 * SELL only against TRADING_STOPPED, LOW_CONFIDENCE, NO_POSITION and ORDER_REJECTED; the first that applies is the
 * reason. ORDER_REJECTED: the venue refuses the order, or has refused one that closes the same position and is still
 * being tried.
 */
import type { Amount, DenialReason, Instant, Price, PriceBook, Rate, Signal, Trade } from '@kairos/schema';
import {
  AMOUNT_DECIMALS,
  costOf,
  divide,
  formatDecimal,
  formatMoney,
  formatRate,
  isFreshMarket,
  isWithinBand,
  MONEY_DECIMALS,
  ONE_RATE,
  powerOfTen,
} from '@kairos/schema';
import type { EntryFill } from '../matching/fill.js';
import { fillEntry, fillPart, signalFillPrice } from '../matching/fill.js';
import type { Order } from '../matching/fill-model.js';
import { PAPER_FILLS } from '../matching/fill-model.js';
import { equityOf } from '../position/valuation.js';
import type { TradingRules } from '../rules.js';
import type { AccountState, EngineState } from '../state.js';
import { marketOf } from '../state.js';

declare const approved: unique symbol;

/** An entry that every rule has let pass: the only thing that can be opened. */
export type ApprovedEntry = EntryFill & { readonly [approved]: true };

/** An exit that every rule has let pass. */
export interface ApprovedExit {
  readonly trade: Trade;
  readonly price: Price;
}

/** A no, with what was compared and with which limit at that moment, as decimal text. */
export interface Denial {
  readonly reason: DenialReason;
  readonly observed: string | null;
  readonly limit: string | null;
}

/** What the rules look at. */
export interface Assessment {
  readonly state: EngineState;
  readonly account: AccountState;
  readonly signal: Signal;
  readonly now: Instant;
  readonly rules: TradingRules;
}

export type Verdict<T> = { readonly denial: Denial } | { readonly approved: T };

const denied = (reason: DenialReason, observed: string | null = null, limit: string | null = null): Denial => ({
  reason,
  observed,
  limit,
});

type Check = (assessment: Assessment, book: PriceBook) => Denial | null;

const BUY_CHECKS: readonly Check[] = [
  stopped,
  paused,
  stale,
  outOfBand,
  lowConfidence,
  alreadyInPosition,
  coolingDown,
  maxOpenPositions,
  dailyLossLimit,
  drawdownLimit,
];

/** Whether a BUY may be opened, and with which figures. */
export function assessBuy(assessment: Assessment): Verdict<ApprovedEntry> {
  const { state, account, signal } = assessment;
  const book = marketOf(state, signal.symbol);
  for (const check of BUY_CHECKS) {
    const denial = check(assessment, book);
    if (denial) return { denial };
  }
  const instrument = state.instruments.get(signal.symbol);
  const { cash, settings } = account.account;
  const fill = fillEntry(cash, signalFillPrice(book, signal), settings, instrument);
  if (fill.amount === 0n || fill.cost + fill.entryFee > cash) {
    const step = powerOfTen(AMOUNT_DECIMALS - (instrument?.amountDecimals ?? AMOUNT_DECIMALS)) as Amount;
    const smallest = costOf(step, fill.entryPrice);
    return { denial: denied('INSUFFICIENT_FUNDS', formatMoney(cash), formatMoney(smallest)) };
  }
  const minimum = instrument?.minOrderValue ?? null;
  if (minimum !== null && fill.cost < minimum) {
    return { denial: denied('BELOW_MINIMUM_ORDER', formatMoney(fill.cost), formatMoney(minimum)) };
  }
  return assessOrder(assessment, { fill, volume: book.volume });
}

/** What the venue makes of an order that our own rules have let pass. */
function assessOrder(
  assessment: Assessment,
  { fill, volume }: { readonly fill: EntryFill; readonly volume: Amount | null },
): Verdict<ApprovedEntry> {
  const { state, account, signal, rules } = assessment;
  const { refusalOf, volumeShare } = rules.fillModel ?? PAPER_FILLS;
  if (refusalOf(orderOf(assessment, 'BUY')) !== null) return { denial: denied('ORDER_REJECTED') };
  if (volumeShare === null || volume === null) return { approved: fill as ApprovedEntry };
  const most = divide(volume * volumeShare, ONE_RATE, 'down') as Amount;
  const { commission } = account.account.settings;
  const decimals = state.instruments.get(signal.symbol)?.amountDecimals ?? AMOUNT_DECIMALS;
  const part = fillPart(fill, most, { commission, decimals });
  return part.amount === 0n ? { denial: denied('ORDER_REJECTED') } : { approved: part as ApprovedEntry };
}

/** Whether a SELL may close, and at which price before slippage. */
export function assessSell(assessment: Assessment): Verdict<ApprovedExit> {
  const { state, account, signal, rules } = assessment;
  const book = marketOf(state, signal.symbol);
  const denial = stopped(assessment) ?? lowConfidence(assessment);
  if (denial) return { denial };
  const trade = account.openTrades.get(signal.symbol);
  if (!trade) return { denial: denied('NO_POSITION') };
  const isRefused = (rules.fillModel ?? PAPER_FILLS).refusalOf(orderOf(assessment, 'SELL')) !== null;
  if (isRefused || account.closings.has(trade.id)) return { denial: denied('ORDER_REJECTED') };
  const market = freshMarket(book, assessment.now);
  const isOut = market !== null && !isWithinBand(signal.price, market, rules.priceBand);
  return { approved: { trade, price: isOut ? market : signalFillPrice(book, signal) } };
}

const orderOf = ({ account, signal, now }: Assessment, action: Order['action']): Order => ({
  accountId: account.account.id,
  symbol: signal.symbol,
  action,
  attempt: 1,
  at: now,
});

function stopped({ account }: Assessment): Denial | null {
  const { status } = account.account;
  return status === 'STOPPED' || status === 'STOPPING' ? denied('TRADING_STOPPED') : null;
}

function paused({ account }: Assessment): Denial | null {
  return account.account.status === 'PAUSED' ? denied('TRADING_PAUSED') : null;
}

function stale({ signal, now, rules }: Assessment): Denial | null {
  const ageMs = now - signal.time;
  if (ageMs <= rules.signalAgeMaxMs) return null;
  return denied('STALE', secondsText(ageMs), secondsText(rules.signalAgeMaxMs));
}

function outOfBand({ signal, now, rules }: Assessment, book: PriceBook): Denial | null {
  const market = freshMarket(book, now);
  if (market === null || isWithinBand(signal.price, market, rules.priceBand)) return null;
  const distance = signal.price > market ? signal.price - market : market - signal.price;
  const observed = divide(distance * ONE_RATE, market, 'up') as Rate;
  return denied('PRICE_OUT_OF_BAND', formatRate(observed), formatRate(rules.priceBand));
}

function lowConfidence({ account, signal }: Assessment): Denial | null {
  const { minConfidence } = account.account.settings;
  if (signal.confidence >= minConfidence) return null;
  return denied('LOW_CONFIDENCE', ratioText(signal.confidence), ratioText(minConfidence));
}

function alreadyInPosition({ account, signal }: Assessment): Denial | null {
  return account.openTrades.has(signal.symbol) ? denied('ALREADY_IN_POSITION') : null;
}

function coolingDown({ account, signal, now }: Assessment): Denial | null {
  const lossAt = account.lastLossAt.get(signal.symbol);
  const cooldownMs = account.account.settings.cooldownSeconds * 1_000;
  if (lossAt === undefined || now - lossAt >= cooldownMs) return null;
  return denied('COOLDOWN', secondsText(now - lossAt), secondsText(cooldownMs));
}

function maxOpenPositions({ account }: Assessment): Denial | null {
  const { maxOpenPositions: max } = account.account.settings;
  if (account.openTrades.size < max) return null;
  return denied('MAX_OPEN_POSITIONS', String(account.openTrades.size), String(max));
}

function dailyLossLimit({ account }: Assessment): Denial | null {
  const limit = account.account.settings.dailyLossLimit;
  const loss = -account.dayRealizedPnl;
  if (limit === null || loss * ONE_RATE <= account.dayOpeningEquity * limit) return null;
  return denied('DAILY_LOSS_LIMIT', shareText(loss, account.dayOpeningEquity), formatRate(limit));
}

function drawdownLimit({ state, account }: Assessment): Denial | null {
  const limit = account.account.settings.maxDrawdown;
  if (limit === null) return null;
  const fall = account.peakEquity - equityOf(state, account);
  if (fall * ONE_RATE < account.peakEquity * limit) return null;
  return denied('DRAWDOWN_LIMIT', shareText(fall, account.peakEquity), formatRate(limit));
}

const freshMarket = (book: PriceBook, now: Instant): Price | null =>
  book.market !== null && isFreshMarket(book, now) ? book.market.price : null;

const secondsText = (ms: number): string => formatDecimal(BigInt(Math.round(ms)), 3);
const shareText = (part: bigint, whole: bigint): string =>
  formatRate((whole === 0n ? 0n : divide(part * ONE_RATE, whole, 'down')) as Rate);

/** A ratio at its shortest decimal text, cut to 8 decimals. */
function ratioText(ratio: number): string {
  return ratio
    .toFixed(MONEY_DECIMALS + 4)
    .slice(0, -4)
    .replace(/\.?0+$/, '');
}
