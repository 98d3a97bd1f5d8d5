/** Writes down what happens: numbers events, applies them, checks the books, and remembers what has changed. */
import type { Account, Closing, Instant, PriceBook, SignalMark, TradingEvent } from '@kairos/schema';
import { eventId, STEP_EVENTS_MAX } from '@kairos/schema';
import { assertBooks } from './ledger/ledger.js';
import { trackDrawdown } from './position/drawdown.js';
import { evolve, noteClosing } from './evolve.js';
import type { AccountState, EngineState } from './state.js';

/** An event before it has a number. */
export interface Draft {
  readonly type: TradingEvent['type'];
  readonly time: Instant;
  readonly causedBy: string;
  readonly account: Account;
  readonly trade?: (seq: number) => TradingEvent['trade'];
  readonly decision?: (seq: number) => TradingEvent['decision'];
  readonly step?: TradingEvent['step'];
  readonly price?: { readonly source: NonNullable<TradingEvent['priceSource']>; readonly ageMs: number };
}

/** What has changed in the state beside events since it was last asked. */
export interface Changes {
  readonly prices: ReadonlySet<string>;
  readonly marks: ReadonlySet<AccountState>;
  readonly signals: readonly SignalMark[];
}

export interface Recorder {
  record(draft: Draft): TradingEvent;
  /** No further account belongs into this step: STEP_EVENTS_MAX events have been recorded. */
  isFull(): boolean;
  /** Events since the last call; null when there are none. */
  takeEvents(): readonly TradingEvent[] | null;
  setBook(book: PriceBook): void;
  markChanged(account: AccountState): void;
  /** Notes an order that closes a position and was refused. */
  setClosing(account: AccountState, closing: Closing): void;
  signalTaken(mark: SignalMark): void;
  takeChanges(): Changes;
}

export function createRecorder(state: EngineState): Recorder {
  let events: TradingEvent[] = [];
  let prices = new Set<string>();
  let marks = new Set<AccountState>();
  let signals: SignalMark[] = [];

  return {
    record(draft) {
      const seq = draft.account.seq + 1;
      const event: TradingEvent = {
        id: eventId(draft.account.id, seq),
        seq,
        type: draft.type,
        accountId: draft.account.id,
        time: draft.time,
        causedBy: draft.causedBy,
        trade: draft.trade?.(seq) ?? null,
        decision: draft.decision?.(seq) ?? null,
        step: draft.step ?? null,
        priceSource: draft.price?.source ?? null,
        priceAgeMs: draft.price?.ageMs ?? null,
        account: { ...draft.account, seq },
      };
      const account = evolve(state, event);
      assertBooks(account);
      if (event.trade) {
        trackDrawdown(state, account);
        marks.add(account);
      }
      events.push(event);
      return event;
    },
    isFull: () => events.length >= STEP_EVENTS_MAX,
    takeEvents() {
      if (events.length === 0) return null;
      const taken = events;
      events = [];
      return taken;
    },
    setBook(book) {
      state.books.set(book.symbol, book);
      prices.add(book.symbol);
    },
    markChanged(account) {
      marks.add(account);
    },
    setClosing(account, closing) {
      account.closings.set(closing.tradeId, closing);
      noteClosing(state, account);
      marks.add(account);
    },
    signalTaken(mark) {
      state.signals.set(mark.id, { time: mark.time, content: mark.content });
      signals.push(mark);
    },
    takeChanges() {
      const taken = { prices, marks, signals };
      prices = new Set();
      marks = new Set();
      signals = [];
      return taken;
    },
  };
}
