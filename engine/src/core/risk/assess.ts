/**
 * The rules that say no. A BUY is tested against every denial reason but NO_POSITION in the order of the contract, a
 * SELL only against TRADING_STOPPED, LOW_CONFIDENCE, NO_POSITION and ORDER_REJECTED; the first that applies is the
 * reason. ORDER_REJECTED: the venue refuses the order, or has refused one that closes the same position and is still
 * being tried.
 */
import type { Amount, Price, Trade } from '@kairos/schema';
import { AMOUNT_DECIMALS, costOf, divide, formatMoney, formatRate, ONE_RATE, powerOfTen } from '@kairos/schema';
import type { EntryFill } from '../matching/fill.js';
import { fillEntry, fillPart } from '../matching/fill.js';
import type { Order } from '../matching/fill-model.js';
import { PAPER_FILLS } from '../matching/fill-model.js';
import { equityOf } from '../position/valuation.js';
import type { AccountState, EngineState } from '../state.js';
import type { Denial } from './denial.js';
import { denied, ratioText, secondsText, shareText } from './denial.js';
import type { Offer } from './offer.js';

declare const approved: unique symbol;

/** An entry that every rule has let pass: the only thing that can be opened. */
export type ApprovedEntry = EntryFill & { readonly [approved]: true };

/** An exit that every rule has let pass. */
export interface ApprovedExit {
  readonly trade: Trade;
  readonly price: Price;
}

/** What the rules look at. */
export interface Assessment {
  readonly state: EngineState;
  readonly account: AccountState;
  readonly offer: Offer;
}

export type Verdict<T> = { readonly denial: Denial } | { readonly approved: T };

type Check = (assessment: Assessment) => Denial | null;

const BUY_CHECKS: readonly Check[] = [
  stopped,
  paused,
  ({ offer }) => offer.denial,
  lowConfidence,
  alreadyInPosition,
  coolingDown,
  maxOpenPositions,
  dailyLossLimit,
  drawdownLimit,
];

/** Whether a BUY may be opened, and with which figures. */
export function assessBuy(assessment: Assessment): Verdict<ApprovedEntry> {
  const { instrument, entryPrice } = assessment.offer;
  for (const check of BUY_CHECKS) {
    const denial = check(assessment);
    if (denial) return { denial };
  }
  const { cash, settings } = assessment.account.account;
  const fill = fillEntry(cash, entryPrice, settings, instrument);
  if (fill.amount === 0n || fill.cost + fill.entryFee > cash) {
    const step = powerOfTen(AMOUNT_DECIMALS - (instrument?.amountDecimals ?? AMOUNT_DECIMALS)) as Amount;
    const smallest = costOf(step, fill.entryPrice);
    return { denial: denied('INSUFFICIENT_FUNDS', formatMoney(cash), formatMoney(smallest)) };
  }
  const minimum = instrument?.minOrderValue ?? null;
  if (minimum !== null && fill.cost < minimum) {
    return { denial: denied('BELOW_MINIMUM_ORDER', formatMoney(fill.cost), formatMoney(minimum)) };
  }
  return assessOrder(assessment, fill);
}

/** What the venue makes of an order that our own rules have let pass. */
function assessOrder(assessment: Assessment, fill: EntryFill): Verdict<ApprovedEntry> {
  const { account, offer } = assessment;
  const { volume } = offer.market;
  const { refusalOf, volumeShare } = offer.rules.fillModel ?? PAPER_FILLS;
  if (refusalOf(orderOf(assessment, 'BUY')) !== null) return { denial: denied('ORDER_REJECTED') };
  if (volumeShare === null || volume === null) return { approved: fill as ApprovedEntry };
  const most = divide(volume * volumeShare, ONE_RATE, 'down') as Amount;
  const { commission } = account.account.settings;
  const decimals = offer.instrument?.amountDecimals ?? AMOUNT_DECIMALS;
  const part = fillPart(fill, most, { commission, decimals });
  return part.amount === 0n ? { denial: denied('ORDER_REJECTED') } : { approved: part as ApprovedEntry };
}

/** Whether a SELL may close, and at which price before slippage. */
export function assessSell(assessment: Assessment): Verdict<ApprovedExit> {
  const { account, offer } = assessment;
  const denial = stopped(assessment) ?? lowConfidence(assessment);
  if (denial) return { denial };
  const trade = account.openTrades.get(offer.signal.symbol);
  if (!trade) return { denial: denied('NO_POSITION') };
  const isRefused = (offer.rules.fillModel ?? PAPER_FILLS).refusalOf(orderOf(assessment, 'SELL')) !== null;
  if (isRefused || account.closings.has(trade.id)) return { denial: denied('ORDER_REJECTED') };
  return { approved: { trade, price: offer.exitPrice } };
}

const orderOf = ({ account, offer }: Assessment, action: Order['action']): Order => ({
  accountId: account.account.id,
  symbol: offer.signal.symbol,
  action,
  attempt: 1,
  at: offer.now,
});

function stopped({ account }: Assessment): Denial | null {
  const { status } = account.account;
  return status === 'STOPPED' || status === 'STOPPING' ? denied('TRADING_STOPPED') : null;
}

function paused({ account }: Assessment): Denial | null {
  return account.account.status === 'PAUSED' ? denied('TRADING_PAUSED') : null;
}

function lowConfidence({ account, offer: { signal } }: Assessment): Denial | null {
  const { minConfidence } = account.account.settings;
  if (signal.confidence >= minConfidence) return null;
  return denied('LOW_CONFIDENCE', ratioText(signal.confidence), ratioText(minConfidence));
}

function alreadyInPosition({ account, offer: { signal } }: Assessment): Denial | null {
  return account.openTrades.has(signal.symbol) ? denied('ALREADY_IN_POSITION') : null;
}

function coolingDown({ account, offer: { signal, now } }: Assessment): Denial | null {
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
  if (limit === null) return null;
  const loss = -account.dayRealizedPnl;
  if (loss * ONE_RATE <= account.dayOpeningEquity * limit) return null;
  return denied('DAILY_LOSS_LIMIT', shareText(loss, account.dayOpeningEquity), formatRate(limit));
}

function drawdownLimit({ state, account }: Assessment): Denial | null {
  const limit = account.account.settings.maxDrawdown;
  if (limit === null) return null;
  const fall = account.peakEquity - equityOf(state, account);
  if (fall * ONE_RATE < account.peakEquity * limit) return null;
  return denied('DRAWDOWN_LIMIT', shareText(fall, account.peakEquity), formatRate(limit));
}
