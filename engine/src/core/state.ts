/** What the core knows. It owns this state and changes it in place; nobody else does. */
import type {
  Account,
  AccountMark,
  Closing,
  FeedKind,
  Instant,
  Instrument,
  Money,
  Price,
  SignalMark,
  Trade,
  World,
  WorldNotes,
} from '@kairos/schema';
import { feedKindOf } from '@kairos/schema';
import { Few } from './few.js';
import type { Ledger } from './ledger/ledger.js';
import { ledgerOf } from './ledger/ledger.js';
import type { LiveNotes } from './live-notes.js';
import { createLiveNotes } from './live-notes.js';
import type { Market } from './market.js';
import { addTrader, emptyMarket, NO_PRICE_ABOVE, NO_PRICE_BELOW, wake } from './market.js';

/** One account's books and what its rules look back on. */
export interface AccountState {
  /** Accounts opened before it. */
  readonly ordinal: number;
  account: Account;
  /** By symbol: one open position per symbol. */
  readonly openTrades: Few<Trade>;
  /** Its fills in double entry: what the account's figures are checked against. */
  readonly ledger: Ledger;
  dayStart: Instant;
  dayOpeningEquity: Money;
  dayRealizedPnl: Money;
  peakEquity: Money;
  maxDrawdown: Money;
  maxDrawdownPercent: number;
  /** Wall time of issue of the commands that opened, last resumed and last stopped it. */
  openedByCommandAt: Instant;
  resumedByCommandAt: Instant | null;
  stoppedByCommandAt: Instant | null;
  /** Highest market price since entry, by trade id. */
  readonly peakPrices: Few<Price>;
  /** World time of the last losing exit, by symbol. */
  readonly lastLossAt: Few<Instant>;
  /** Ids of the STOP_BOTs that wait for it to be flat, oldest first. */
  stopCommands: readonly string[];
  /** Orders that close a position and have been refused so far, by trade id. */
  readonly closings: Few<Closing>;
  /** Commands obeyed or refused, oldest first: each is obeyed once. */
  readonly obeyed: Set<string>;
  /** Its figures that no event carries have changed since changes were last taken. */
  isChanged: boolean;
}

export interface EngineState {
  readonly world: World;
  readonly feed: FeedKind;
  /** World time: the clock's with an exchange, else the highest `at` taken; null before the first. */
  now: Instant | null;
  /** `now` where every price writes it: one number, NaN before the first, that is changed without allocating. */
  readonly clock: Float64Array;
  /** The newest day that has begun for the accounts; null = not looked at yet. */
  day: Instant | null;
  readonly accounts: ReadonlyMap<string, AccountState>;
  /** In order of opening. */
  readonly accountsInOrder: readonly AccountState[];
  /** By symbol: of every symbol that has had a price, or that an account trades. */
  readonly markets: Map<string, Market>;
  /** Accounts of which positions are being closed: those that are STOPPING, and those whose closing was refused. */
  readonly closing: Set<AccountState>;
  /** Those taken in the last two days, by id, oldest first. */
  readonly signals: Map<string, SignalMark>;
  readonly instruments: Map<string, Instrument>;
  /** What is known of the world, as it is when it is asked for; `liveNotes` where prices move it on. */
  notes: WorldNotes;
  readonly liveNotes: LiveNotes;
  /** Takes in an account that is not there yet, with what it holds. */
  add(account: AccountBooks): AccountState;
}

/** What an account begins with, or goes on with after a restart. */
export interface AccountBooks {
  readonly account: Account;
  readonly openTrades: readonly Trade[];
  readonly mark: AccountMark;
  readonly obeyed: readonly string[];
}

export const NO_NOTES: WorldNotes = {
  hasPredictor: false,
  firstSignalWaitEndedAt: null,
  feedEndedAt: null,
  round: null,
  partial: [],
};

export function emptyState(world: World): EngineState {
  const accounts = new Map<string, AccountState>();
  const accountsInOrder: AccountState[] = [];
  const markets = new Map<string, Market>();
  const clock = new Float64Array([NaN]);
  const liveNotes = createLiveNotes(NO_NOTES);
  const state: EngineState = {
    world,
    feed: feedKindOf(world),
    get now() {
      const ms = clock[0]!;
      return Number.isNaN(ms) ? null : (ms as Instant);
    },
    set now(instant) {
      clock[0] = instant ?? NaN;
    },
    clock,
    day: null,
    accounts,
    accountsInOrder,
    markets,
    closing: new Set(),
    signals: new Map(),
    instruments: new Map(),
    get notes() {
      return liveNotes.read();
    },
    set notes(notes) {
      liveNotes.write(notes);
    },
    liveNotes,
    add(books) {
      const account = accountState(books, accountsInOrder.length);
      accounts.set(account.account.id, account);
      accountsInOrder.push(account);
      // Opened by a clock that was set back over midnight: the day begins once more, for this account.
      if (state.day !== null && account.dayStart < state.day) state.day = null;
      for (const symbol of account.account.settings.symbols) addTrader(marketOf(state, symbol), account);
      for (const trade of books.openTrades) hold(state, account, trade);
      return account;
    },
  };
  return state;
}

/** The part of an account's state that no mark carries, with the mark's figures. */
function accountState({ account, openTrades, mark, obeyed }: AccountBooks, ordinal: number): AccountState {
  return {
    ordinal,
    account,
    openTrades: new Few(),
    ledger: ledgerOf(account, openTrades),
    dayStart: mark.dayStart,
    dayOpeningEquity: mark.dayOpeningEquity,
    dayRealizedPnl: mark.dayRealizedPnl,
    peakEquity: mark.peakEquity,
    maxDrawdown: mark.maxDrawdown,
    maxDrawdownPercent: mark.maxDrawdownPercent,
    openedByCommandAt: mark.openedByCommandAt,
    resumedByCommandAt: mark.resumedByCommandAt,
    stoppedByCommandAt: mark.stoppedByCommandAt,
    peakPrices: Few.of(Object.entries(mark.peakPrices)),
    lastLossAt: Few.of(Object.entries(mark.lastLossAt)),
    stopCommands: mark.stopCommands,
    closings: Few.of(mark.closings.map((closing) => [closing.tradeId, closing])),
    obeyed: new Set(obeyed),
    isChanged: false,
  };
}

/** Notes a position as open. */
export function hold(state: EngineState, account: AccountState, trade: Trade): void {
  const market = marketOf(state, trade.symbol);
  account.openTrades.set(trade.symbol, trade);
  if (!account.account.settings.symbols.includes(trade.symbol)) addTrader(market, account);
  market.holders.set(account, { account, low: NO_PRICE_ABOVE, high: NO_PRICE_BELOW });
  wake(market);
}

/** What is known of a symbol. */
export function marketOf(state: EngineState, symbol: string): Market {
  const known = state.markets.get(symbol);
  if (known) return known;
  const market = emptyMarket(symbol);
  state.markets.set(symbol, market);
  return market;
}

/** Accounts that hold a symbol, in order of entry. */
export const holdersOf = (state: EngineState, symbol: string): Iterable<AccountState> =>
  state.markets.get(symbol)?.holders.keys() ?? [];
