/** How events and marks change the state: the same on the way forward and when a journal is replayed. */
import type {
  AccountMark,
  Instant,
  Money,
  PriceBook,
  SignalMark,
  Trade,
  TradingEvent,
  WorldNotes,
} from '@kairos/schema';
import { assert, plus, SIGNAL_MEMORY_MS, startOfDay } from '@kairos/schema';
import type { Few } from './few.js';
import { postFill } from './ledger/ledger.js';
import { addTrader, removeTrader, setBook } from './market.js';
import { progressOf } from './partial.js';
import { wakeAccount } from './position/quiet.js';
import type { AccountState, EngineState } from './state.js';
import { hold, marketOf } from './state.js';

/** Commands that an account remembers; older ones are refused for their age anyway. */
export const COMMAND_MEMORY_MAX = 10_000;

/** Applies one event. */
export function evolve(state: EngineState, event: TradingEvent): AccountState {
  const account = event.type === 'ACCOUNT_OPENED' ? open(state, event) : state.accounts.get(event.accountId);
  assert(account !== undefined, 'events after ACCOUNT_OPENED concern an account that exists');
  assert(event.seq === (event.type === 'ACCOUNT_OPENED' ? 1 : account.account.seq + 1), 'seq counts up by one');
  const before = account.account;
  account.account = event.account;
  APPLY[event.type]?.(state, account, event);
  if (event.type === 'SETTINGS_UPDATED') tradeOthers(state, account, before.settings.symbols);
  if (account.account.status === 'STOPPING' || state.closing.size > 0) noteClosing(state, account);
  if (event.step && event.step.refusal !== 'NOT_SIGNED') remember(account, event.causedBy);
  return account;
}

type Apply = (state: EngineState, account: AccountState, event: TradingEvent) => void;

/** What an event means beside the account's new figures. */
const APPLY: Partial<Record<TradingEvent['type'], Apply>> = {
  TRADE_OPENED(state, account, { trade }) {
    assert(trade !== null, 'TRADE_OPENED has a trade');
    postFill(account.ledger, trade);
    hold(state, account, trade);
    wakeAccount(state, account);
  },
  TRADE_CLOSED(state, account, { trade }) {
    assert(trade !== null, 'TRADE_CLOSED has a trade');
    postFill(account.ledger, trade);
    close(state, account, trade);
    wakeAccount(state, account);
  },
  TRADING_STOPPING(_state, account, { causedBy }) {
    account.stopCommands = [...account.stopCommands, causedBy];
  },
  TRADING_STOPPED(_state, account, { causedBy }) {
    account.stopCommands = account.stopCommands.filter((id) => id !== causedBy);
  },
};

/** What the state is a fold of: the part of a journal entry that concerns the core. */
export interface Folded {
  readonly worldTime: Instant | null;
  readonly events: readonly TradingEvent[];
  readonly prices: readonly PriceBook[];
  readonly marks: readonly AccountMark[];
  readonly signals: readonly SignalMark[];
  readonly notes: WorldNotes;
}

/** Applies an entry of the journal: events, then the figures that no event carries. */
export function evolveEntry(state: EngineState, entry: Folded): void {
  for (const event of entry.events) evolve(state, event);
  for (const book of entry.prices) setBook(marketOf(state, book.symbol), book);
  for (const mark of entry.marks) applyMark(state, mark);
  rememberSignals(state, entry.signals);
  if (entry.worldTime !== null) state.now = entry.worldTime;
  state.notes = entry.notes;
  forgetSignals(state);
}

/** Adds signals to those that are remembered, in the order in which they were taken. */
export function rememberSignals(state: EngineState, signals: readonly SignalMark[]): void {
  for (const mark of signals) state.signals.set(mark.id, mark);
}

/** Whether a signal of this time is too old to be remembered. */
export const isForgotten = ({ now }: EngineState, time: Instant): boolean =>
  now !== null && now - time > SIGNAL_MEMORY_MS;

/** Forgets signals older than 48 h of world time, but for those of which a part is still to be taken. */
export function forgetSignals(state: EngineState): void {
  for (const [id, signal] of state.signals) {
    if (!isForgotten(state, signal.time)) return;
    if (progressOf(state, 'SIGNAL', id) === null) state.signals.delete(id);
  }
}

function open(state: EngineState, event: TradingEvent): AccountState {
  assert(!state.accounts.has(event.accountId), 'an account is opened once');
  const mark: AccountMark = {
    accountId: event.accountId,
    dayStart: startOfDay(event.time),
    dayOpeningEquity: event.account.initialBalance,
    dayRealizedPnl: 0n as Money,
    peakEquity: event.account.initialBalance,
    maxDrawdown: 0n as Money,
    maxDrawdownPercent: 0,
    openedByCommandAt: event.time,
    resumedByCommandAt: null,
    stoppedByCommandAt: null,
    peakPrices: {},
    lastLossAt: {},
    stopCommands: [],
    closings: [],
  };
  return state.add({ account: event.account, openTrades: [], mark, obeyed: [] });
}

function close(state: EngineState, account: AccountState, trade: Trade): void {
  const { pnl, exitTime, symbol } = trade;
  assert(pnl !== null && exitTime !== null, 'a closed trade has a pnl and an exit time');
  account.openTrades.delete(symbol);
  account.peakPrices.delete(trade.id);
  account.closings.delete(trade.id);
  account.dayRealizedPnl = plus(account.dayRealizedPnl, pnl);
  if (pnl < 0n) account.lastLossAt.set(symbol, exitTime);
  const market = marketOf(state, symbol);
  market.holders.delete(account);
  if (!account.account.settings.symbols.includes(symbol)) removeTrader(market, account);
}

/** Keeps the lists of who trades what after an account's symbols have changed. */
function tradeOthers(state: EngineState, account: AccountState, before: readonly string[]): void {
  const { symbols } = account.account.settings;
  for (const symbol of before) {
    if (!symbols.includes(symbol) && !account.openTrades.has(symbol)) removeTrader(marketOf(state, symbol), account);
  }
  for (const symbol of symbols) addTrader(marketOf(state, symbol), account);
  wakeAccount(state, account);
}

/** Keeps the list of accounts of which positions are being closed. */
export function noteClosing(state: EngineState, account: AccountState): void {
  if (account.account.status === 'STOPPING' || account.closings.size > 0) state.closing.add(account);
  else state.closing.delete(account);
}

function remember(account: AccountState, commandId: string): void {
  account.obeyed.add(commandId);
  if (account.obeyed.size <= COMMAND_MEMORY_MAX) return;
  const oldest = account.obeyed.values().next();
  if (!oldest.done) account.obeyed.delete(oldest.value);
}

const NO_CLOSINGS: AccountMark['closings'] = [];
const NO_VALUES: Readonly<Record<string, never>> = {};

function recordOf<V>(few: Few<V>): Readonly<Record<string, V>> {
  if (few.size === 0) return NO_VALUES;
  const record: Record<string, V> = {};
  for (let index = 0; index < few.size; index++) record[few.nameAt(index)] = few.at(index);
  return record;
}

/** The figures of an account that no event carries. */
export function markOf(account: AccountState): AccountMark {
  return {
    accountId: account.account.id,
    dayStart: account.dayStart,
    dayOpeningEquity: account.dayOpeningEquity,
    dayRealizedPnl: account.dayRealizedPnl,
    peakEquity: account.peakEquity,
    maxDrawdown: account.maxDrawdown,
    maxDrawdownPercent: account.maxDrawdownPercent,
    openedByCommandAt: account.openedByCommandAt,
    resumedByCommandAt: account.resumedByCommandAt,
    stoppedByCommandAt: account.stoppedByCommandAt,
    peakPrices: recordOf(account.peakPrices),
    lastLossAt: recordOf(account.lastLossAt),
    stopCommands: account.stopCommands,
    closings: account.closings.size === 0 ? NO_CLOSINGS : account.closings.values(),
  };
}

export function applyMark(state: EngineState, mark: AccountMark): void {
  const account = state.accounts.get(mark.accountId);
  assert(account !== undefined, 'a mark concerns an account that exists');
  account.dayStart = mark.dayStart;
  account.dayOpeningEquity = mark.dayOpeningEquity;
  account.dayRealizedPnl = mark.dayRealizedPnl;
  account.peakEquity = mark.peakEquity;
  account.maxDrawdown = mark.maxDrawdown;
  account.maxDrawdownPercent = mark.maxDrawdownPercent;
  account.openedByCommandAt = mark.openedByCommandAt;
  account.resumedByCommandAt = mark.resumedByCommandAt;
  account.stoppedByCommandAt = mark.stoppedByCommandAt;
  refill(account.peakPrices, mark.peakPrices);
  refill(account.lastLossAt, mark.lastLossAt);
  account.stopCommands = mark.stopCommands;
  account.closings.clear();
  for (const closing of mark.closings) account.closings.set(closing.tradeId, closing);
  noteClosing(state, account);
  wakeAccount(state, account);
}

function refill<V>(few: Few<V>, values: Readonly<Record<string, V>>): void {
  few.clear();
  for (const [name, value] of Object.entries(values)) few.set(name, value);
}
