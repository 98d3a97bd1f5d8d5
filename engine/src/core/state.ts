/** What the core knows. It owns this state and changes it in place; nobody else does. */
import type {
  Account,
  Closing,
  FeedKind,
  Instant,
  Instrument,
  Money,
  Price,
  PriceBook,
  Trade,
  World,
  WorldNotes,
} from '@kairos/schema';
import { emptyPriceBook, feedKindOf } from '@kairos/schema';

/** One account's books and what its rules look back on. */
export interface AccountState {
  /** Accounts opened before it. */
  readonly ordinal: number;
  account: Account;
  /** By symbol: one open position per symbol. */
  readonly openTrades: Map<string, Trade>;
  dayStart: Instant;
  dayOpeningEquity: Money;
  dayRealizedPnl: Money;
  peakEquity: Money;
  maxDrawdown: Money;
  maxDrawdownPercent: number;
  /** Wall time of issue of the commands that opened and last resumed it. */
  openedByCommandAt: Instant;
  resumedByCommandAt: Instant | null;
  /** Highest market price since entry, by trade id. */
  readonly peakPrices: Map<string, Price>;
  /** World time of the last losing exit, by symbol. */
  readonly lastLossAt: Map<string, Instant>;
  /** Ids of the STOP_BOTs that wait for it to be flat, oldest first. */
  stopCommands: readonly string[];
  /** Orders that close a position and have been refused so far, by trade id. */
  readonly closings: Map<string, Closing>;
  /** Commands obeyed or refused, oldest first: each is obeyed once. */
  readonly obeyed: Set<string>;
}

export interface RememberedSignal {
  readonly time: Instant;
  readonly content: string;
}

export interface EngineState {
  readonly world: World;
  readonly feed: FeedKind;
  /** World time: the clock's with an exchange, else the highest `at` taken; null before the first. */
  now: Instant | null;
  /** The newest day that has begun for the accounts; null = not looked at yet. */
  day: Instant | null;
  /** In order of opening. */
  readonly accounts: Map<string, AccountState>;
  readonly books: Map<string, PriceBook>;
  /** Accounts that hold a symbol, in order of entry. */
  readonly holders: Map<string, Set<AccountState>>;
  /** Accounts of which positions are being closed: those that are STOPPING, and those whose closing was refused. */
  readonly closing: Set<AccountState>;
  /** By id, oldest first. */
  readonly signals: Map<string, RememberedSignal>;
  readonly instruments: Map<string, Instrument>;
  notes: WorldNotes;
}

export const NO_NOTES: WorldNotes = {
  hasPredictor: false,
  firstSignalWaitEndedAt: null,
  feedEndedAt: null,
  round: null,
  partial: [],
};

export function emptyState(world: World): EngineState {
  return {
    world,
    feed: feedKindOf(world),
    now: null,
    day: null,
    accounts: new Map(),
    books: new Map(),
    holders: new Map(),
    closing: new Set(),
    signals: new Map(),
    instruments: new Map(),
    notes: NO_NOTES,
  };
}

export const bookOf = (state: EngineState, symbol: string): PriceBook =>
  state.books.get(symbol) ?? emptyPriceBook(symbol);

/** Accounts in order of opening, from a number on. */
export function* accountsFrom(state: EngineState, from: number): Iterable<AccountState> {
  for (const account of state.accounts.values()) if (account.ordinal >= from) yield account;
}

/** Accounts from a number on that trade a symbol: by their settings, or because they hold it. In order of opening. */
export function* tradersOf(state: EngineState, symbol: string, from: number): Iterable<AccountState> {
  for (const account of state.accounts.values()) {
    if (account.ordinal < from) continue;
    if (account.openTrades.has(symbol) || account.account.settings.symbols.includes(symbol)) yield account;
  }
}
