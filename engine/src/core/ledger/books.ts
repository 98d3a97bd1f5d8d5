/** How fills change an account's figures, and the rules that these obey at every event. */
import type { Account, Trade } from '@kairos/schema';
import { minus, plus } from '@kairos/schema';
import type { AccountState } from '../state.js';
import { cashOf, feesOf } from './ledger.js';

/** The account after a position was opened: cash falls by cost + entry fee. */
export function withOpened(account: Account, trade: Trade): Account {
  const next = copyOf(account);
  next.seq = trade.seq;
  next.cash = minus(account.cash, plus(trade.cost, trade.entryFee));
  next.openEntryFees = plus(account.openEntryFees, trade.entryFee);
  next.feesPaid = plus(account.feesPaid, trade.entryFee);
  next.openTrades += 1;
  return next;
}

/** The account after a position was closed: cash rises by revenue − exit fee. */
export function withClosed(account: Account, trade: ClosedTrade): Account {
  const next = copyOf(account);
  next.seq = trade.seq;
  next.cash = plus(account.cash, minus(trade.revenue, trade.exitFee));
  next.realizedPnl = plus(account.realizedPnl, trade.pnl);
  next.balance = plus(account.initialBalance, next.realizedPnl);
  next.openEntryFees = minus(account.openEntryFees, trade.entryFee);
  next.feesPaid = plus(account.feesPaid, trade.exitFee);
  next.openTrades -= 1;
  next.closedTrades += 1;
  if (trade.pnl > 0n) next.wins += 1;
  if (trade.pnl < 0n) next.losses += 1;
  return next;
}

/** The account under another number, and otherwise as it is. */
export function withSeq(account: Account, seq: number): Account {
  const next = copyOf(account);
  next.seq = seq;
  return next;
}

/** Named field by field: a spread of so many costs several times what the rest of a decision does. */
const copyOf = (account: Account): { -readonly [K in keyof Account]: Account[K] } => ({
  id: account.id,
  userId: account.userId,
  name: account.name,
  mode: account.mode,
  feed: account.feed,
  status: account.status,
  statusChangedBy: account.statusChangedBy,
  statusReason: account.statusReason,
  statusChangedAt: account.statusChangedAt,
  quoteCurrency: account.quoteCurrency,
  initialBalance: account.initialBalance,
  cash: account.cash,
  balance: account.balance,
  realizedPnl: account.realizedPnl,
  openEntryFees: account.openEntryFees,
  feesPaid: account.feesPaid,
  settings: account.settings,
  seq: account.seq,
  openTrades: account.openTrades,
  closedTrades: account.closedTrades,
  wins: account.wins,
  losses: account.losses,
});

/** A trade whose exit figures are known. */
export type ClosedTrade = Trade & {
  readonly revenue: NonNullable<Trade['revenue']>;
  readonly exitFee: NonNullable<Trade['exitFee']>;
  readonly pnl: NonNullable<Trade['pnl']>;
  readonly exitPrice: NonNullable<Trade['exitPrice']>;
  readonly exitTime: NonNullable<Trade['exitTime']>;
};

/**
 * The rule that an account's books break after an event with this trade, in words; null while they hold. The ledger was
 * posted from the trades alone.
 */
export function brokenRule({ account, openTrades, ledger }: AccountState, trade: Trade): string | null {
  const held = ledger.coins.get(trade.symbol)?.cash ?? 0n;
  const amount = openTrades.get(trade.symbol)?.amount ?? 0n;
  if (account.cash < 0n) return 'cash is never below 0';
  if (trade.amount <= 0n) return 'every position has an amount above 0';
  if (held !== amount) return 'the ledger holds one open position per symbol, and its amount';
  if (account.cash !== cashOf(ledger)) return 'cash is what the ledger says';
  if (account.feesPaid !== feesOf(ledger)) return 'feesPaid is what the ledger says';
  if (account.openTrades !== openTrades.size) return 'openTrades counts the open positions';
  if (account.initialBalance !== -ledger.quote.capital) return 'initialBalance is what was paid in';
  if (account.balance !== account.initialBalance + account.realizedPnl) return 'balance = initialBalance + realizedPnl';
  if (account.cash !== account.balance - ledger.bound) return 'cash = balance − Σ (cost + entry fee) of open trades';
  return trade.status === 'CLOSED' ? brokenByClosing(trade) : null;
}

function brokenByClosing({ pnl, revenue, exitFee, cost, entryFee }: Trade): string | null {
  const isPnl = revenue !== null && exitFee !== null && pnl === revenue - exitFee - cost - entryFee;
  return isPnl ? null : 'pnl = revenue − exit fee − cost − entry fee';
}
