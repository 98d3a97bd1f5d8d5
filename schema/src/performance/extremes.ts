/** The best and the worst closed trade by pnl in the quote currency; of equals the earlier one. */
import type { ClosedTrade, Fold } from './fold.js';

export interface Extremes<T> {
  readonly bestTrade: T | null;
  readonly worstTrade: T | null;
}

export const extremes = <T extends ClosedTrade>(): Fold<T, Extremes<T>, Extremes<T>> => ({
  initial: { bestTrade: null, worstTrade: null },
  add: ({ bestTrade, worstTrade }, trade) => ({
    bestTrade: bestTrade && bestTrade.pnl >= trade.pnl ? bestTrade : trade,
    worstTrade: worstTrade && worstTrade.pnl <= trade.pnl ? worstTrade : trade,
  }),
  result: (state) => state,
});
