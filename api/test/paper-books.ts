/** An account whose events carry the exact figures of the trading rules: one event per call, seq counting up. */
import { sampleAccount, sampleMark } from '@kairos/ports/testing';
import type { AccountMark } from '@kairos/ports';
import type {
  Account,
  CommandStep,
  DenialReason,
  Instant,
  Money,
  Trade,
  TradingEvent,
  TradingEventType,
} from '@kairos/schema';
import {
  amountFor,
  costOf,
  eventId,
  feeOn,
  minus,
  parsePrice,
  plus,
  revenueOf,
  spendOf,
  tradeId,
  ZERO_MONEY,
} from '@kairos/schema';

export interface PaperBooks {
  account(): Account;
  openTrades(): readonly Trade[];
  mark(fields?: Partial<AccountMark>): AccountMark;
  opens(): TradingEvent;
  buys(symbol: string, price: string, at: Instant): TradingEvent;
  sells(symbol: string, price: string, at: Instant): TradingEvent;
  denies(symbol: string, at: Instant, reason?: DenialReason): TradingEvent;
  /** An event that a command caused. */
  obeys(type: TradingEventType, commandId: string, fields?: ObeyFields): TradingEvent;
}

export interface ObeyFields {
  readonly at?: Instant;
  readonly account?: Partial<Account>;
  readonly step?: Partial<CommandStep>;
}

/** The id of the signal that a buy, a sale or a denial names. */
export const signalIdAt = (symbol: string, at: Instant): string => `sig-${symbol}-${at}`;

export function createPaperBooks(start: Instant, fields: Partial<Account> & { readonly id: string }): PaperBooks {
  let account = sampleAccount({ feed: 'SIMULATOR', ...fields });
  let trades: readonly Trade[] = [];

  const happens = (
    type: TradingEventType,
    at: Instant,
    event: Partial<TradingEvent> & Pick<TradingEvent, 'causedBy'>,
  ): TradingEvent => {
    account = { ...account, seq: account.seq + 1, openTrades: trades.length };
    const { id, seq } = account;
    return {
      id: eventId(id, seq),
      seq,
      type,
      accountId: id,
      time: at,
      trade: null,
      decision: null,
      step: null,
      priceSource: null,
      priceAgeMs: null,
      error: null,
      account,
      ...event,
    };
  };
  const decided = (symbol: string, at: Instant, outcome: 'OPENED' | 'CLOSED' | 'DENIED', tradeIdOf: string | null) => ({
    id: eventId(account.id, account.seq + 1),
    accountId: account.id,
    seq: account.seq + 1,
    signalId: signalIdAt(symbol, at),
    outcome,
    reason: null,
    observed: null,
    limit: null,
    tradeId: tradeIdOf,
    time: at,
  });

  return {
    account: () => account,
    openTrades: () => trades,
    mark: (mark = {}) => sampleMark(account.id, { dayStart: start, dayOpeningEquity: account.initialBalance, ...mark }),
    opens: () => happens('ACCOUNT_OPENED', start, { causedBy: `open-${account.id}` }),
    buys(symbol, price, at) {
      const trade = bought(account, { symbol, price, at });
      trades = [...trades, trade];
      account = {
        ...account,
        cash: minus(minus(account.cash, trade.cost), trade.entryFee),
        openEntryFees: plus(account.openEntryFees, trade.entryFee),
        feesPaid: plus(account.feesPaid, trade.entryFee),
      };
      const decision = decided(symbol, at, 'OPENED', trade.id);
      return happens('TRADE_OPENED', at, { causedBy: decision.signalId, trade, decision });
    },
    sells(symbol, price, at) {
      const open = trades.find((trade) => trade.symbol === symbol);
      if (!open) throw new Error(`expected an open trade of ${symbol}, found none`);
      const trade = sold(account, open, { price, at });
      trades = trades.filter((other) => other !== open);
      account = afterSale(account, trade);
      const decision = decided(symbol, at, 'CLOSED', trade.id);
      return happens('TRADE_CLOSED', at, { causedBy: decision.signalId, trade, decision });
    },
    denies(symbol, at, reason = 'LOW_CONFIDENCE') {
      const decision = { ...decided(symbol, at, 'DENIED', null), reason, observed: '0.71', limit: '0.75' };
      return happens('SIGNAL_DECIDED', at, { causedBy: decision.signalId, decision });
    },
    obeys(type, commandId, { at = start, account: changes = {}, step = {} } = {}) {
      account = { ...account, ...changes };
      const base = { tradeId: null, symbol: null, price: null, error: null, refusal: null } as const;
      return happens(type, at, {
        causedBy: commandId,
        step: { time: at, accountId: account.id, kind: 'STOPPED', ...base, ...step },
      });
    },
  };
}

interface Fill {
  readonly symbol: string;
  readonly price: string;
  readonly at: Instant;
}

function bought({ id, cash, seq, settings }: Account, { symbol, price, at }: Fill): Trade {
  const entryPrice = parsePrice(price);
  const amount = amountFor(spendOf(cash, settings.riskPerTrade, settings.commission), entryPrice);
  const cost = costOf(amount, entryPrice);
  return {
    id: tradeId(id, symbol, signalIdAt(symbol, at)),
    accountId: id,
    seq: seq + 1,
    openedSeq: seq + 1,
    symbol,
    action: 'BUY',
    status: 'OPEN',
    amount,
    entryPrice,
    cost,
    entryFee: feeOn(cost, settings.commission),
    entryTime: at,
    confidence: 0.8,
    regime: 'TRENDING_UP',
    stopLossPrice: null,
    takeProfitPrice: null,
    entrySignalId: signalIdAt(symbol, at),
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

function sold({ seq, settings }: Account, open: Trade, { price, at }: Omit<Fill, 'symbol'>): Trade {
  const exitPrice = parsePrice(price);
  const revenue = revenueOf(open.amount, exitPrice);
  const exitFee = feeOn(revenue, settings.commission);
  return {
    ...open,
    seq: seq + 1,
    status: 'CLOSED',
    exitPrice,
    revenue,
    exitFee,
    exitTime: at,
    exitReason: 'SIGNAL',
    pnl: minus(minus(revenue, exitFee), plus(open.cost, open.entryFee)),
    exitSignalId: signalIdAt(open.symbol, at),
  };
}

function afterSale(account: Account, trade: Trade): Account {
  const pnl = trade.pnl ?? ZERO_MONEY;
  const revenue = trade.revenue ?? ZERO_MONEY;
  const exitFee = trade.exitFee ?? ZERO_MONEY;
  const realizedPnl: Money = plus(account.realizedPnl, pnl);
  return {
    ...account,
    cash: plus(account.cash, minus(revenue, exitFee)),
    realizedPnl,
    balance: plus(account.initialBalance, realizedPnl),
    openEntryFees: minus(account.openEntryFees, trade.entryFee),
    feesPaid: plus(account.feesPaid, exitFee),
    closedTrades: account.closedTrades + 1,
    wins: account.wins + (pnl > 0n ? 1 : 0),
    losses: account.losses + (pnl < 0n ? 1 : 0),
  };
}
