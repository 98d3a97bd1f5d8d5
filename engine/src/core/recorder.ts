/** Writes down what happens: numbers events, applies them, checks the books, and remembers what has changed. */
import type { Account, Closing, Decision, Instant, PriceSource, SignalMark, Trade, TradingEvent } from '@kairos/schema';
import { eventId, STEP_EVENTS_MAX, STEP_MARK_BYTES_MAX } from '@kairos/schema';
import { brokenRule, withSeq } from './ledger/books.js';
import { BOOK_BYTES, markBytes, signalMarkBytes } from './mark-bytes.js';
import type { Market } from './market.js';
import { trackDrawdown } from './position/drawdown.js';
import { evolve, noteClosing } from './evolve.js';
import type { AccountState, EngineState } from './state.js';

/** An event before it has a number: a fill's account has it already, every other one still has that of the event before. */
export interface Draft {
  readonly type: TradingEvent['type'];
  readonly time: Instant;
  readonly causedBy: string;
  readonly account: Account;
  readonly trade?: Trade;
  readonly decision?: Decision;
  readonly step?: TradingEvent['step'];
  readonly error?: string;
  readonly price?: { readonly source: PriceSource; readonly ageMs: number };
}

/** The number of an account's next event. */
export const nextSeq = ({ account }: AccountState): number => account.seq + 1;

/** What has changed in the state beside events since it was last asked. */
export interface Changes {
  readonly markets: readonly Market[];
  readonly marks: readonly AccountState[];
  readonly signals: readonly SignalMark[];
}

export interface Recorder {
  record(draft: Draft): TradingEvent;
  /** No further account belongs into this step: it has come to STEP_EVENTS_MAX events or STEP_MARK_BYTES_MAX of marks. */
  isFull(): boolean;
  /** Ends a step: its events; null when there are none. */
  takeEvents(): readonly TradingEvent[] | null;
  priceChanged(market: Market): void;
  markChanged(account: AccountState): void;
  /** Notes an order that closes a position and was refused. */
  setClosing(account: AccountState, closing: Closing): void;
  signalTaken(mark: SignalMark): void;
  takeChanges(): Changes;
  /** How many bytes the changes take in an entry of the journal: rather more. */
  readonly changedBytes: () => number;
}

/** Who pauses an account whose books break a rule. */
export const HALTED_BY = 'kairos';

const mayBeHalted = ({ status, statusChangedBy }: Account): boolean =>
  status === 'RUNNING' || (status === 'PAUSED' && statusChangedBy !== HALTED_BY);

function numbered(draft: Draft): TradingEvent {
  const { id } = draft.account;
  const isFill = draft.type === 'TRADE_OPENED' || draft.type === 'TRADE_CLOSED';
  const seq = isFill ? draft.account.seq : draft.account.seq + 1;
  return {
    id: draft.decision?.id ?? eventId(id, seq),
    seq,
    type: draft.type,
    accountId: id,
    time: draft.time,
    causedBy: draft.causedBy,
    trade: draft.trade ?? null,
    decision: draft.decision ?? null,
    step: draft.step ?? null,
    priceSource: draft.price?.source ?? null,
    priceAgeMs: draft.price?.ageMs ?? null,
    error: draft.error ?? null,
    account: isFill ? draft.account : withSeq(draft.account, seq),
  };
}

export function createRecorder(state: EngineState, stepEventsMax = STEP_EVENTS_MAX): Recorder {
  let events: TradingEvent[] = [];
  let markets: Market[] = [];
  let marks: AccountState[] = [];
  let signals: SignalMark[] = [];
  let bytes = 0;
  /** Of marks that this step was the first to change since changes were last taken. */
  let stepMarkBytes = 0;

  const markChanged = (account: AccountState): void => {
    if (account.isChanged) return;
    account.isChanged = true;
    marks.push(account);
    const size = markBytes(account);
    bytes += size;
    stepMarkBytes += size;
  };

  /**
   * Books that break a rule open nothing any more, from the same event on; what is open keeps its exits. An account that
   * is paused already says why from now on; one that a panic stops goes on stopping.
   */
  const haltIfBroken = (event: TradingEvent, account: AccountState, trade: Trade): void => {
    const rule = brokenRule(account, trade);
    if (rule === null || !mayBeHalted(account.account)) return;
    const halted = numbered({
      type: 'TRADING_PAUSED',
      time: event.time,
      causedBy: event.causedBy,
      account: {
        ...account.account,
        status: 'PAUSED',
        statusChangedBy: HALTED_BY,
        statusReason: `broken rule: ${rule}`,
        statusChangedAt: event.time,
      },
    });
    evolve(state, halted);
    events.push(halted);
  };

  return {
    record(draft) {
      const event = numbered(draft);
      const account = evolve(state, event);
      events.push(event);
      if (event.trade) {
        trackDrawdown(state, account);
        markChanged(account);
        haltIfBroken(event, account, event.trade);
      }
      return event;
    },
    isFull: () => events.length >= stepEventsMax || stepMarkBytes >= STEP_MARK_BYTES_MAX,
    takeEvents() {
      stepMarkBytes = 0;
      if (events.length === 0) return null;
      const taken = events;
      events = [];
      return taken;
    },
    priceChanged(market) {
      if (market.isChanged) return;
      market.isChanged = true;
      markets.push(market);
      bytes += BOOK_BYTES;
    },
    markChanged,
    setClosing(account, closing) {
      account.closings.set(closing.tradeId, closing);
      noteClosing(state, account);
      markChanged(account);
    },
    signalTaken(mark) {
      state.signals.set(mark.id, mark);
      signals.push(mark);
      bytes += signalMarkBytes(mark);
    },
    takeChanges() {
      const taken = { markets, marks, signals };
      for (const market of markets) market.isChanged = false;
      for (const account of marks) account.isChanged = false;
      markets = [];
      marks = [];
      signals = [];
      bytes = 0;
      return taken;
    },
    changedBytes: () => bytes,
  };
}
