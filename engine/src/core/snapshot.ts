/** The state as text and back: a snapshot of the journal at one entry. */
import type { AccountMark, Instant, Money, Price, SignalMark, Trade, World, WorldNotes } from '@kairos/schema';
import {
  accountCodec,
  assert,
  formatMoney,
  formatPrice,
  parseMoney,
  parsePrice,
  priceBookCodec,
  tradeCodec,
} from '@kairos/schema';
import { applyMark, markOf } from './evolve.js';
import type { AccountState, EngineState } from './state.js';
import { emptyState } from './state.js';

/** Counts up when the text changes its form: an older one is not read, and the journal is replayed instead. */
const SNAPSHOT_FORM = 1;

interface SnapshotText {
  readonly form: number;
  readonly world: World;
  readonly now: Instant | null;
  readonly accounts: readonly {
    readonly account: unknown;
    readonly openTrades: readonly unknown[];
    readonly mark: MarkText;
    readonly obeyed: readonly string[];
  }[];
  readonly books: readonly unknown[];
  readonly signals: readonly SignalMark[];
  readonly notes: WorldNotes;
}

/** Writes the state. Instruments are not part of it: they are inputs of every start. */
export function writeSnapshot(state: EngineState): string {
  const text: SnapshotText = {
    form: SNAPSHOT_FORM,
    world: state.world,
    now: state.now,
    accounts: [...state.accounts.values()].map((account) => ({
      account: accountCodec.write(account.account),
      openTrades: [...account.openTrades.values()].map((trade) => tradeCodec.write(trade)),
      mark: writeMark(markOf(account)),
      obeyed: [...account.obeyed],
    })),
    books: [...state.books.values()].map((book) => priceBookCodec.write(book)),
    signals: [...state.signals].map(([id, signal]) => ({ id, ...signal })),
    notes: state.notes,
  };
  return JSON.stringify(text);
}

/** Reads a state; null when the text has another form than this release writes. */
export function readSnapshot(text: string): EngineState | null {
  const snapshot = JSON.parse(text) as SnapshotText;
  if (snapshot.form !== SNAPSHOT_FORM) return null;
  const state = emptyState(snapshot.world);
  state.now = snapshot.now;
  state.notes = snapshot.notes;
  for (const { account, openTrades, mark, obeyed } of snapshot.accounts) {
    addAccount(state, accountCodec.read(account), openTrades.map(tradeCodec.read), obeyed);
    applyMark(state, readMark(mark));
  }
  for (const book of snapshot.books.map(priceBookCodec.read)) state.books.set(book.symbol, book);
  for (const { id, time, content } of snapshot.signals) state.signals.set(id, { time, content });
  return state;
}

function addAccount(
  state: EngineState,
  account: AccountState['account'],
  openTrades: readonly Trade[],
  obeyed: readonly string[],
): void {
  assert(!state.accounts.has(account.id), 'a snapshot holds an account once');
  const zero = 0n as Money;
  const added: AccountState = {
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
    obeyed: new Set(obeyed),
  };
  state.accounts.set(account.id, added);
  for (const trade of openTrades) {
    const holders = state.holders.get(trade.symbol) ?? new Set();
    holders.add(added);
    state.holders.set(trade.symbol, holders);
  }
}

type MoneyField = 'dayOpeningEquity' | 'dayRealizedPnl' | 'peakEquity' | 'maxDrawdown';
type MarkText = Omit<AccountMark, MoneyField | 'peakPrices'> &
  Readonly<Record<MoneyField, string>> & { readonly peakPrices: Readonly<Record<string, string>> };

const writeMark = (mark: AccountMark): MarkText => ({
  ...mark,
  dayOpeningEquity: formatMoney(mark.dayOpeningEquity),
  dayRealizedPnl: formatMoney(mark.dayRealizedPnl),
  peakEquity: formatMoney(mark.peakEquity),
  maxDrawdown: formatMoney(mark.maxDrawdown),
  peakPrices: mapValues(mark.peakPrices, formatPrice),
});

const readMark = (mark: MarkText): AccountMark => ({
  ...mark,
  dayOpeningEquity: parseMoney(mark.dayOpeningEquity),
  dayRealizedPnl: parseMoney(mark.dayRealizedPnl),
  peakEquity: parseMoney(mark.peakEquity),
  maxDrawdown: parseMoney(mark.maxDrawdown),
  peakPrices: mapValues(mark.peakPrices, (price): Price => parsePrice(price)),
});

const mapValues = <A, B>(values: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
