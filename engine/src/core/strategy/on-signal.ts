/** What a signal does: one decision for each account that trades its symbol, and perhaps a price. */
import type { Instant, Signal } from '@kairos/schema';
import {
  eventId,
  formatPrice,
  isLockStep,
  levelAbove,
  levelBelow,
  PREDICTOR_SOURCE,
  SIGNAL_AGE_MAX_MS,
  SIGNAL_AHEAD_MAX_MS,
  tradeId,
  WALL_STAMP_TOLERANCE_MS,
  withSignalPrice,
} from '@kairos/schema';
import { withOpened } from '../ledger/ledger.js';
import { closing } from '../matching/close.js';
import { progressOf, takeInParts } from '../partial.js';
import type { Recorder } from '../recorder.js';
import type { ApprovedEntry, ApprovedExit, Assessment, Denial } from '../risk/assess.js';
import { assessBuy, assessSell } from '../risk/assess.js';
import type { TradingRules } from '../rules.js';
import type { AccountState, EngineState } from '../state.js';
import { bookOf, tradersOf } from '../state.js';

export interface SignalInput {
  readonly signal: Signal;
  readonly now: Instant;
  readonly wall: Instant;
}

/** What became of a signal as a whole. */
export type SignalOutcome =
  | {
      readonly kind: 'taken';
      readonly signal: Signal;
      /** Goes on where the step before stopped. */
      readonly isContinued: boolean;
      /** Accounts are left for the next step. */
      readonly isPartial: boolean;
    }
  /** The same signal again: nothing happens. */
  | { readonly kind: 'repeated' }
  /** The same id with another content: never applied. */
  | { readonly kind: 'conflict'; readonly reason: string }
  | { readonly kind: 'invalid'; readonly reason: string };

/** Takes a signal. */
export function onSignal(
  state: EngineState,
  recorder: Recorder,
  { rules, ...input }: SignalInput & { rules: TradingRules },
): SignalOutcome {
  const begun = progressOf(state, 'SIGNAL', input.signal.id);
  const signal = begun ? asBegun(state, input.signal) : withWorldTime(state, input);
  const { now } = input;
  const reason = begun ? null : whyInvalid(signal, now);
  if (reason) return { kind: 'invalid', reason };
  const content = contentOf(signal);
  const known = state.signals.get(signal.id);
  if (known && known.content !== content) {
    return { kind: 'conflict', reason: `signal ${signal.id} was ${known.content} and came again as ${content}` };
  }
  if (known && !begun) return { kind: 'repeated' };
  if (!known) recorder.signalTaken({ id: signal.id, time: signal.time, content });
  const isPartial = decide(state, recorder, { signal, now, rules });
  return { kind: 'taken', signal, isContinued: begun !== null, isPartial };
}

/** A signal that has been begun keeps the time that it was given then. */
function asBegun(state: EngineState, signal: Signal): Signal {
  const known = state.signals.get(signal.id);
  return known ? { ...signal, time: known.time } : signal;
}

/**
 * Decides, and lets the signal's price count: before the decisions where a price is known, else after the last one, and
 * as the entry price if a position was opened. A price that has been told already is told in vain. True when accounts
 * are left for the next step.
 */
function decide(state: EngineState, recorder: Recorder, taken: Taken): boolean {
  const { signal } = taken;
  if (bookOf(state, signal.symbol).newest !== null) tellPrice(state, recorder, taken);
  const { hasOpened, isPartial } =
    signal.action === 'HOLD' ? { hasOpened: false, isPartial: false } : decideForAll(state, recorder, taken);
  if (hasOpened && bookOf(state, signal.symbol).newest === null) noteEntryPrice(state, recorder, signal);
  else if (!isPartial) tellPrice(state, recorder, taken);
  return isPartial;
}

interface Taken {
  readonly signal: Signal;
  readonly now: Instant;
  readonly rules: TradingRules;
}

/** A third party's signal stamped with the wall clock is given now in worlds whose time is not the clock's. */
function withWorldTime(state: EngineState, { signal, now, wall }: SignalInput): Signal {
  if (!isLockStep(state.world) || signal.source === PREDICTOR_SOURCE) return signal;
  return Math.abs(signal.time - wall) <= WALL_STAMP_TOLERANCE_MS ? { ...signal, time: now } : signal;
}

function whyInvalid(signal: Signal, now: Instant): string | null {
  const ageMs = now - signal.time;
  if (ageMs > SIGNAL_AGE_MAX_MS) return `time: expected at most 24 h before now, found ${ageMs} ms`;
  if (-ageMs > SIGNAL_AHEAD_MAX_MS) {
    return `time: expected at most ${SIGNAL_AHEAD_MAX_MS} ms ahead of now, found ${-ageMs} ms`;
  }
  return null;
}

const contentOf = (signal: Signal): string =>
  `${signal.action} ${signal.symbol} at ${formatPrice(signal.price)} with confidence ${signal.confidence}`;

/** Lets the signal's price count where it may. */
function tellPrice(state: EngineState, recorder: Recorder, { signal, now, rules }: Taken): void {
  const book = bookOf(state, signal.symbol);
  const changed = withSignalPrice(book, { price: signal.price, at: signal.time }, now, rules.priceBand);
  if (changed !== book) recorder.setBook(changed);
}

/** The signal that opens a position before any price is known: its price is the entry price, not a newer one. */
function noteEntryPrice(state: EngineState, recorder: Recorder, signal: Signal): void {
  const book = bookOf(state, signal.symbol);
  if (book.entry === null) recorder.setBook({ ...book, entry: { price: signal.price, at: signal.time } });
}

/** Decides for the accounts that trade the symbol until the step is full. */
function decideForAll(
  state: EngineState,
  recorder: Recorder,
  taken: Taken,
): { readonly hasOpened: boolean; readonly isPartial: boolean } {
  let hasOpened = false;
  const decideFor = (account: AccountState): void => {
    const assessment = { state, account, ...taken };
    if (taken.signal.action === 'BUY') hasOpened = decideBuy(recorder, assessment) || hasOpened;
    else decideSell(recorder, assessment);
  };
  const input = { kind: 'SIGNAL' as const, id: taken.signal.id };
  const isPartial = takeInParts(
    { state, recorder, input },
    (from) => tradersOf(state, taken.signal.symbol, from),
    decideFor,
  );
  return { hasOpened, isPartial };
}

/** True when a position was opened. */
function decideBuy(recorder: Recorder, assessment: Assessment): boolean {
  const verdict = assessBuy(assessment);
  if ('denial' in verdict) deny(recorder, assessment.account, { ...assessment, denial: verdict.denial });
  else openTrade(recorder, assessment.account, { ...assessment, entry: verdict.approved });
  return 'approved' in verdict;
}

function decideSell(recorder: Recorder, assessment: Assessment): void {
  const verdict = assessSell(assessment);
  if ('denial' in verdict) deny(recorder, assessment.account, { ...assessment, denial: verdict.denial });
  else closeTrade(recorder, assessment.account, { ...assessment, exit: verdict.approved });
}

function deny(recorder: Recorder, account: AccountState, { signal, now, denial }: Taken & { denial: Denial }): void {
  recorder.record({
    type: 'SIGNAL_DECIDED',
    time: now,
    causedBy: signal.id,
    account: account.account,
    decision: (seq) => ({
      id: eventId(account.account.id, seq),
      accountId: account.account.id,
      seq,
      signalId: signal.id,
      outcome: 'DENIED',
      ...denial,
      tradeId: null,
      time: now,
    }),
  });
}

function openTrade(
  recorder: Recorder,
  account: AccountState,
  { signal, now, entry }: Taken & { entry: ApprovedEntry },
): void {
  const { id: accountId, settings } = account.account;
  const { amount, entryPrice, cost, entryFee } = entry;
  const id = tradeId(accountId, signal.symbol, signal.id);
  const trade = {
    id,
    accountId,
    symbol: signal.symbol,
    action: 'BUY' as const,
    status: 'OPEN' as const,
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
    account: withOpened(account.account, { ...trade, seq: 0, openedSeq: 0 }),
    trade: (seq) => ({ ...trade, seq, openedSeq: seq }),
    decision: (seq) => decided(account, { seq, signal, now, outcome: 'OPENED', tradeId: id }),
  });
}

function closeTrade(
  recorder: Recorder,
  account: AccountState,
  { signal, now, exit }: Taken & { exit: ApprovedExit },
): void {
  const { trade, price } = exit;
  recorder.record({
    ...closing(account, { trade, price, reason: 'SIGNAL', now, signalId: signal.id }),
    causedBy: signal.id,
    decision: (seq) => decided(account, { seq, signal, now, outcome: 'CLOSED', tradeId: trade.id }),
  });
}

function decided(
  account: AccountState,
  of: { seq: number; signal: Signal; now: Instant; outcome: 'OPENED' | 'CLOSED'; tradeId: string },
) {
  return {
    id: eventId(account.account.id, of.seq),
    accountId: account.account.id,
    seq: of.seq,
    signalId: of.signal.id,
    outcome: of.outcome,
    reason: null,
    observed: null,
    limit: null,
    tradeId: of.tradeId,
    time: of.now,
  };
}
