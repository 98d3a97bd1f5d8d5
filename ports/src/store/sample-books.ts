/** Events of a sample account, one after the other: each counts seq up and carries the account after it. */
import type {
  Account,
  Decision,
  DenialReason,
  ExitReason,
  Money,
  Trade,
  TradingEvent,
  TradingEventType,
} from '@kairos/schema';
import { eventId, parseAmount, parseMoney, parsePrice, tradeId } from '@kairos/schema';
import { sampleAccount, sampleStep, sampleTime } from './samples.js';

export interface SampleBooks {
  readonly id: string;
  account(): Account;
  openTrades(): readonly Trade[];
  opened(commandId?: string): TradingEvent;
  /** Opens a trade of 1 coin at 100. */
  buys(symbol: string, minutes: number): TradingEvent;
  /** Closes the symbol's open trade with this PnL. */
  sells(symbol: string, minutes: number, exit: SampleExit): TradingEvent;
  denies(symbol: string, minutes: number, reason?: DenialReason): TradingEvent;
  /** An event that a command caused, with its step. */
  obeys(type: TradingEventType, commandId: string, minutes: number): TradingEvent;
}

export interface SampleExit {
  readonly pnl: string;
  /** SIGNAL by default. */
  readonly reason?: ExitReason;
}

/** The id of the signal that `buys`, `sells` and `denies` name. */
export const sampleSignalId = (symbol: string, minutes: number): string => `sig-${symbol}-${minutes}`;

interface State {
  account: Account;
  trades: readonly Trade[];
}

export function createSampleBooks(id = 'acc-1'): SampleBooks {
  const state: State = { account: sampleAccount({ id }), trades: [] };
  return {
    id,
    account: () => state.account,
    openTrades: () => state.trades,
    opened: (commandId = `open-${id}`) => happen(state, 0, { type: 'ACCOUNT_OPENED', causedBy: commandId }),
    buys: (symbol, minutes) => buy(state, symbol, minutes),
    sells: (symbol, minutes, exit) => sell(state, symbol, { minutes, ...exit }),
    denies(symbol, minutes, reason = 'LOW_CONFIDENCE') {
      const signalId = sampleSignalId(symbol, minutes);
      const denied = { outcome: 'DENIED', reason, observed: '0.71', limit: '0.75' } as const;
      const decision = decide(state, minutes, { signalId, ...denied });
      return happen(state, minutes, { type: 'SIGNAL_DECIDED', causedBy: signalId, decision });
    },
    obeys(type, commandId, minutes) {
      const step = sampleStep({ accountId: id, time: sampleTime(minutes) });
      return happen(state, minutes, { type, causedBy: commandId, step });
    },
  };
}

type EventFields = Partial<TradingEvent> & Pick<TradingEvent, 'type' | 'causedBy'>;

/** The next event of the account. */
function happen(state: State, minutes: number, fields: EventFields): TradingEvent {
  const seq = state.account.seq + 1;
  state.account = { ...state.account, seq, openTrades: state.trades.length };
  return {
    id: eventId(state.account.id, seq),
    seq,
    accountId: state.account.id,
    time: sampleTime(minutes),
    trade: null,
    decision: null,
    step: null,
    priceSource: null,
    priceAgeMs: null,
    error: null,
    account: state.account,
    ...fields,
  };
}

type DecisionFields = Partial<Decision> & Pick<Decision, 'signalId' | 'outcome'>;

/** The decision that the next event will carry. */
function decide({ account }: State, minutes: number, fields: DecisionFields): Decision {
  return {
    id: eventId(account.id, account.seq + 1),
    accountId: account.id,
    seq: account.seq + 1,
    reason: null,
    observed: null,
    limit: null,
    tradeId: null,
    time: sampleTime(minutes),
    ...fields,
  };
}

function buy(state: State, symbol: string, minutes: number): TradingEvent {
  const signalId = sampleSignalId(symbol, minutes);
  const trade = openTrade(state.account, symbol, minutes);
  const decision = decide(state, minutes, { signalId, outcome: 'OPENED', tradeId: trade.id });
  state.trades = [...state.trades, trade];
  return happen(state, minutes, { type: 'TRADE_OPENED', causedBy: signalId, trade, decision });
}

interface Sale extends SampleExit {
  readonly minutes: number;
}

function sell(state: State, symbol: string, sale: Sale): TradingEvent {
  const { minutes, reason = 'SIGNAL' } = sale;
  const open = state.trades.find((trade) => trade.symbol === symbol);
  if (!open) throw new Error(`expected an open trade of ${symbol} in the sample, found none`);
  const trade = closedTrade(open, state.account.seq + 1, sale);
  state.trades = state.trades.filter((other) => other.id !== open.id);
  state.account = { ...state.account, closedTrades: state.account.closedTrades + 1 };
  if (reason !== 'SIGNAL') return happen(state, minutes, { type: 'TRADE_CLOSED', causedBy: 'cmd-1', trade });
  const signalId = sampleSignalId(symbol, minutes);
  const decision = decide(state, minutes, { signalId, outcome: 'CLOSED', tradeId: trade.id });
  return happen(state, minutes, { type: 'TRADE_CLOSED', causedBy: signalId, trade, decision });
}

function openTrade(account: Account, symbol: string, minutes: number): Trade {
  return {
    id: tradeId(account.id, symbol, sampleSignalId(symbol, minutes)),
    accountId: account.id,
    seq: account.seq + 1,
    openedSeq: account.seq + 1,
    symbol,
    action: 'BUY',
    status: 'OPEN',
    amount: parseAmount('1'),
    entryPrice: parsePrice('100'),
    cost: parseMoney('100'),
    entryFee: parseMoney('0.1'),
    entryTime: sampleTime(minutes),
    confidence: 0.8,
    regime: 'RANGING',
    stopLossPrice: null,
    takeProfitPrice: parsePrice('105'),
    entrySignalId: sampleSignalId(symbol, minutes),
    exitPrice: null,
    revenue: null,
    exitFee: null,
    exitTime: null,
    exitReason: null,
    pnl: null,
    exitSignalId: null,
    exitCommandId: null,
  };
}

function closedTrade(trade: Trade, seq: number, { pnl, minutes, reason = 'SIGNAL' }: Sale): Trade {
  const exitFee = parseMoney('0.1');
  return {
    ...trade,
    seq,
    status: 'CLOSED',
    exitPrice: parsePrice('101.5'),
    revenue: (trade.cost + trade.entryFee + parseMoney(pnl) + exitFee) as Money,
    exitFee,
    exitTime: sampleTime(minutes),
    exitReason: reason,
    pnl: parseMoney(pnl),
    exitSignalId: reason === 'SIGNAL' ? sampleSignalId(trade.symbol, minutes) : null,
    exitCommandId: reason === 'SIGNAL' ? null : 'cmd-1',
  };
}
