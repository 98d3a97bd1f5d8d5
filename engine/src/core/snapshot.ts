/** The state as text and back: a snapshot of the journal at one entry. */
import type { Instant, PriceBook, SignalMark, World, WorldNotes } from '@kairos/schema';
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
import { markOf, noteClosing, rememberSignals } from './evolve.js';
import type { Market } from './market.js';
import { bookCopy, setBook } from './market.js';
import type { AccountBooks, EngineState } from './state.js';
import { emptyState, marketOf } from './state.js';

/** Counts up when the text changes its form: one that is not read is passed over, and the journal replayed instead. */
const SNAPSHOT_FORM = 2;
/** Form 1 says nothing of inputs taken in parts and of closings under way: there were none. */
const FORMS_READ: readonly unknown[] = [1, SNAPSHOT_FORM];

interface StateSnapshot {
  readonly form: number;
  readonly world: World;
  readonly now: Instant | null;
  readonly accounts: readonly AccountBooks[];
  readonly books: readonly PriceBook[];
  readonly signals: readonly SignalMark[];
  readonly notes: WorldNotes;
}

const accountSnapshotCodec = jsonCodec<AccountBooks>('account snapshot', {
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

const hasPrice = ({ market, newest, entry }: Market): boolean => market !== null || newest !== null || entry !== null;

/**
 * Writes the state. Instruments are not part of it: they are inputs of every start.
 *
 * @param signals Those written with it: all that are remembered, unless they are kept elsewhere (`writeSignals`).
 */
export function writeSnapshot(
  state: EngineState,
  signals: readonly SignalMark[] = [...state.signals.values()],
): string {
  const snapshot = snapshotCodec.write({
    form: SNAPSHOT_FORM,
    world: state.world,
    now: state.now,
    accounts: [...state.accounts.values()].map((account) => ({
      account: account.account,
      openTrades: account.openTrades.values(),
      mark: markOf(account),
      obeyed: [...account.obeyed],
    })),
    books: [...state.markets.values()].filter(hasPrice).map(bookCopy),
    signals,
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
  for (const books of snapshot.accounts) {
    assert(!state.accounts.has(books.account.id), 'a snapshot holds an account once');
    noteClosing(state, state.add(books));
  }
  for (const book of snapshot.books) setBook(marketOf(state, book.symbol), book);
  rememberSignals(state, snapshot.signals);
  return state;
}

/** Signals as text, beside a snapshot that is written without them. */
export const writeSignals = (signals: readonly SignalMark[]): string =>
  JSON.stringify(signals.map((mark) => signalMarkCodec.write(mark)));

/** @throws ValueError when the text is damaged */
export const readSignals = (text: string): readonly SignalMark[] =>
  listOf(signalMarkCodec).read(JSON.parse(text)) as readonly SignalMark[];
