/** An account's live figures: live state to GraphQL. */
import { formatMoney, ratioOf } from '@kairos/schema';
import type { PnlState } from '../../live/pnl-state.js';
import { toPosition } from '../position/position.query.js';
import { percentOf } from '../text.js';
import type { LivePnlType } from './live-pnl.type.js';

const AGE_MS_MAX = 2 ** 31 - 1;

export function toLivePnl(state: PnlState): LivePnlType {
  const { view, valuation, time } = state;
  const { account, mark } = view;
  return {
    accountId: account.id,
    seq: account.seq,
    time,
    sentAt: state.sentAt,
    priceAgeMs: state.priceAgeMs === null ? null : Math.min(state.priceAgeMs, AGE_MS_MAX),
    mode: account.mode,
    status: account.status,
    cash: formatMoney(account.cash),
    balance: formatMoney(account.balance),
    equity: formatMoney(valuation.equity),
    realizedPnl: formatMoney(account.realizedPnl),
    unrealizedPnl: formatMoney(valuation.unrealizedPnl),
    openEntryFees: formatMoney(account.openEntryFees),
    todayPnl: formatMoney(valuation.todayPnl),
    todayPercent: percentOf(valuation.todayPnl, mark.dayOpeningEquity) ?? 0,
    dayOpeningEquity: formatMoney(mark.dayOpeningEquity),
    totalTrades: account.openTrades + account.closedTrades,
    openTrades: account.openTrades,
    closedTrades: account.closedTrades,
    wins: account.wins,
    losses: account.losses,
    winRate: ratioOf(BigInt(account.wins), BigInt(account.closedTrades)),
    positions: valuation.positions.map((position) => toPosition(position, time)),
    entryBlocks: state.entryBlocks.map((block) => ({ ...block })),
  };
}
