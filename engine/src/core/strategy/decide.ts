/** One decision of a signal for each account that trades its symbol: opened, closed, or denied with the reason. */
import type { Decision, DecisionOutcome, Trade } from '@kairos/schema';
import { eventId, levelAbove, levelBelow, tradeId } from '@kairos/schema';
import { withOpened } from '../ledger/books.js';
import { closing } from '../matching/close.js';
import { takeInParts } from '../partial.js';
import type { Recorder } from '../recorder.js';
import { nextSeq } from '../recorder.js';
import type { ApprovedEntry, ApprovedExit, Assessment } from '../risk/assess.js';
import { assessBuy, assessSell } from '../risk/assess.js';
import type { Denial } from '../risk/denial.js';
import type { Offer, Taken } from '../risk/offer.js';
import { offerOf } from '../risk/offer.js';
import type { AccountState, EngineState } from '../state.js';

/** Decides for the accounts that trade the symbol until the step is full. */
export function decideForAll(
  state: EngineState,
  recorder: Recorder,
  taken: Taken,
): { readonly hasOpened: boolean; readonly isPartial: boolean } {
  let hasOpened = false;
  const { signal } = taken;
  const offer = offerOf(state, taken);
  const decideFor = (account: AccountState): void => {
    const assessment = { state, account, offer };
    if (signal.action === 'BUY') hasOpened = decideBuy(recorder, assessment) || hasOpened;
    else decideSell(recorder, assessment);
  };
  const input = { kind: 'SIGNAL' as const, id: signal.id };
  const isPartial = takeInParts({ state, recorder, input }, offer.market.traders, decideFor);
  return { hasOpened, isPartial };
}

/** True when a position was opened. */
function decideBuy(recorder: Recorder, assessment: Assessment): boolean {
  const verdict = assessBuy(assessment);
  if ('denial' in verdict) deny(recorder, assessment, verdict.denial);
  else openTrade(recorder, assessment, verdict.approved);
  return 'approved' in verdict;
}

function decideSell(recorder: Recorder, assessment: Assessment): void {
  const verdict = assessSell(assessment);
  if ('denial' in verdict) deny(recorder, assessment, verdict.denial);
  else closeTrade(recorder, assessment, verdict.approved);
}

function deny(recorder: Recorder, { account, offer }: Assessment, denial: Denial): void {
  const { signal, now } = offer;
  const { reason, observed, limit } = denial;
  recorder.record({
    type: 'SIGNAL_DECIDED',
    time: now,
    causedBy: signal.id,
    account: account.account,
    decision: { ...decided(account, offer, { outcome: 'DENIED', tradeId: null }), reason, observed, limit },
  });
}

function openTrade(recorder: Recorder, { account, offer }: Assessment, entry: ApprovedEntry): void {
  const { signal, now } = offer;
  const { id: accountId, settings } = account.account;
  const { amount, entryPrice, cost, entryFee } = entry;
  const seq = nextSeq(account);
  const trade: Trade = {
    id: tradeId(accountId, signal.symbol, signal.id),
    accountId,
    seq,
    openedSeq: seq,
    symbol: signal.symbol,
    action: 'BUY',
    status: 'OPEN',
    amount,
    entryPrice,
    cost,
    entryFee,
    entryTime: now,
    confidence: signal.confidence,
    regime: signal.votes?.regime ?? null,
    stopLossPrice: settings.stopLoss === null ? null : levelBelow(entryPrice, settings.stopLoss),
    takeProfitPrice: settings.takeProfit === null ? null : levelAbove(entryPrice, settings.takeProfit),
    entrySignalId: signal.id,
    exitPrice: null,
    revenue: null,
    exitFee: null,
    exitTime: null,
    exitReason: null,
    pnl: null,
    exitSignalId: null,
    exitCommandId: null,
  };
  recorder.record({
    type: 'TRADE_OPENED',
    time: now,
    causedBy: signal.id,
    account: withOpened(account.account, trade),
    trade,
    decision: decided(account, offer, { outcome: 'OPENED', tradeId: trade.id }),
  });
}

function closeTrade(recorder: Recorder, { account, offer }: Assessment, exit: ApprovedExit): void {
  const { signal, now } = offer;
  const { trade, price } = exit;
  const closed = closing(account, { trade, price, reason: 'SIGNAL', now, signalId: signal.id });
  recorder.record({
    type: closed.type,
    time: now,
    causedBy: signal.id,
    account: closed.account,
    trade: closed.trade,
    decision: decided(account, offer, { outcome: 'CLOSED', tradeId: trade.id }),
  });
}

function decided(
  account: AccountState,
  { signal, now }: Offer,
  of: { outcome: DecisionOutcome; tradeId: string | null },
): Decision {
  const { id: accountId } = account.account;
  const seq = nextSeq(account);
  return {
    id: eventId(accountId, seq),
    accountId,
    seq,
    signalId: signal.id,
    outcome: of.outcome,
    reason: null,
    observed: null,
    limit: null,
    tradeId: of.tradeId,
    time: now,
  };
}
