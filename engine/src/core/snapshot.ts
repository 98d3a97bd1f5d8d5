/** The state as text and back: a snapshot of the journal at one entry. */
import type {
  Account,
  AccountMark,
  Instant,
  Money,
  PriceBook,
  SignalMark,
  Trade,
  World,
  WorldNotes,
} from '@kairos/schema';
import {
  accountCodec,
  assert,
  jsonCodec,
  listOf,
  markCodec,
  notesCodec,
  priceBookCodec,
  signalMarkCodec,
  textCodec,
  tradeCodec,
} from '@kairos/schema';
import { applyMark, markOf } from './evolve.js';
import type { AccountState, EngineState } from './state.js';
import { emptyState } from './state.js';

/** Counts up when the text changes its form: one that is not read is passed over, and the journal replayed instead. */
const SNAPSHOT_FORM = 2;
/** Form 1 says nothing of inputs taken in parts and of closings under way: there were none. */
const FORMS_READ: readonly unknown[] = [1, SNAPSHOT_FORM];

interface AccountSnapshot {
  readonly account: Account;
  readonly openTrades: readonly Trade[];
  readonly mark: AccountMark;
  readonly obeyed: readonly string[];
}

interface StateSnapshot {
  readonly form: number;
  readonly world: World;
  readonly now: Instant | null;
  readonly accounts: readonly AccountSnapshot[];
  readonly books: readonly PriceBook[];
  readonly signals: readonly SignalMark[];
  readonly notes: WorldNotes;
}

const accountSnapshotCodec = jsonCodec<AccountSnapshot>('account snapshot', {
  account: accountCodec,
  openTrades: listOf(tradeCodec),
  mark: markCodec,
  obeyed: listOf(textCodec),
});

const snapshotCodec = jsonCodec<StateSnapshot>('snapshot', {
  form: 'number',
  world: 'text',
  now: 'instant?',
  accounts: listOf(accountSnapshotCodec),
  books: listOf(priceBookCodec),
  signals: listOf(signalMarkCodec),
  notes: notesCodec,
});

/** Writes the state. Instruments are not part of it: they are inputs of every start. */
export function writeSnapshot(state: EngineState): string {
  const snapshot = snapshotCodec.write({
    form: SNAPSHOT_FORM,
    world: state.world,
    now: state.now,
    accounts: [...state.accounts.values()].map((account) => ({
      account: account.account,
      openTrades: [...account.openTrades.values()],
      mark: markOf(account),
      obeyed: [...account.obeyed],
    })),
    books: [...state.books.values()],
    signals: [...state.signals].map(([id, signal]) => ({ id, ...signal })),
    notes: state.notes,
  });
  return JSON.stringify(snapshot);
}

/** Reads a state; null when the text has a form that this release does not read. @throws ValueError when it is damaged */
export function readSnapshot(text: string): EngineState | null {
  const parsed = JSON.parse(text) as { readonly form?: unknown };
  if (!FORMS_READ.includes(parsed.form)) return null;
  const snapshot = snapshotCodec.read(parsed);
  const state = emptyState(snapshot.world);
  state.now = snapshot.now;
  state.notes = snapshot.notes;
  for (const account of snapshot.accounts) {
    addAccount(state, account);
    applyMark(state, account.mark);
  }
  for (const book of snapshot.books) state.books.set(book.symbol, book);
  for (const { id, time, content } of snapshot.signals) state.signals.set(id, { time, content });
  return state;
}

function addAccount(state: EngineState, { account, openTrades, obeyed }: AccountSnapshot): void {
  assert(!state.accounts.has(account.id), 'a snapshot holds an account once');
  const zero = 0n as Money;
  const added: AccountState = {
    ordinal: state.accounts.size,
    account,
    openTrades: new Map(openTrades.map((trade) => [trade.symbol, trade])),
    dayStart: 0 as Instant,
    dayOpeningEquity: zero,
    dayRealizedPnl: zero,
    peakEquity: zero,
    maxDrawdown: zero,
    maxDrawdownPercent: 0,
    openedByCommandAt: 0 as Instant,
    resumedByCommandAt: null,
    peakPrices: new Map(),
    lastLossAt: new Map(),
    stopCommands: [],
    closings: new Map(),
    obeyed: new Set(obeyed),
  };
  state.accounts.set(account.id, added);
  for (const trade of openTrades) {
    const holders = state.holders.get(trade.symbol) ?? new Set();
    holders.add(added);
    state.holders.set(trade.symbol, holders);
  }
}
