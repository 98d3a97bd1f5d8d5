/** How fills change the books, and the rule that the books obey at every event. */
import type { Account, Trade } from '@kairos/schema';
import { assert, minus, plus, ZERO_MONEY } from '@kairos/schema';
import type { AccountState } from '../state.js';

/** The account after a position was opened: cash falls by cost + entry fee. */
export function withOpened(account: Account, trade: Trade): Account {
  return {
    ...account,
    cash: minus(account.cash, plus(trade.cost, trade.entryFee)),
    openEntryFees: plus(account.openEntryFees, trade.entryFee),
    feesPaid: plus(account.feesPaid, trade.entryFee),
    openTrades: account.openTrades + 1,
  };
}

/** The account after a position was closed: cash rises by revenue − exit fee. */
export function withClosed(account: Account, trade: ClosedTrade): Account {
  const realizedPnl = plus(account.realizedPnl, trade.pnl);
  return {
    ...account,
    cash: plus(account.cash, minus(trade.revenue, trade.exitFee)),
    realizedPnl,
    balance: plus(account.initialBalance, realizedPnl),
    openEntryFees: minus(account.openEntryFees, trade.entryFee),
    feesPaid: plus(account.feesPaid, trade.exitFee),
    openTrades: account.openTrades - 1,
    closedTrades: account.closedTrades + 1,
    wins: account.wins + (trade.pnl > 0n ? 1 : 0),
    losses: account.losses + (trade.pnl < 0n ? 1 : 0),
  };
}

/** A trade whose exit figures are known. */
export type ClosedTrade = Trade & {
  readonly revenue: NonNullable<Trade['revenue']>;
  readonly exitFee: NonNullable<Trade['exitFee']>;
  readonly pnl: NonNullable<Trade['pnl']>;
  readonly exitPrice: NonNullable<Trade['exitPrice']>;
  readonly exitTime: NonNullable<Trade['exitTime']>;
};

/** Throws when the books are not what the trades say: cash = initialBalance + Σ pnl − Σ (cost + entry fee) of open trades. */
export function assertBooks({ account, openTrades }: AccountState): void {
  let bound = ZERO_MONEY;
  let fees = ZERO_MONEY;
  for (const trade of openTrades.values()) {
    assert(trade.amount > 0n, 'every open position has an amount above 0');
    bound = plus(bound, plus(trade.cost, trade.entryFee));
    fees = plus(fees, trade.entryFee);
  }
  assert(account.cash >= 0n, 'cash is never below 0');
  assert(account.openTrades === openTrades.size, 'openTrades counts the open positions');
  assert(account.openEntryFees === fees, 'openEntryFees is the sum of the open trades’ entry fees');
  assert(account.balance === account.initialBalance + account.realizedPnl, 'balance = initialBalance + realizedPnl');
  assert(account.cash === account.balance - bound, 'cash = balance − Σ (cost + entry fee) of open trades');
}
