/**
 * Won, lost and all closed trades, in trades; a pnl of exactly 0 is neither won nor lost.
 *
 * Formula of the win rate: wins / closedTrades, even trades included below the line.
 */
import type { ClosedTrade, Fold } from './fold.js';

export interface WinLoss {
  readonly closedTrades: number;
  readonly wins: number;
  readonly losses: number;
  /** wins / closedTrades, 0..1; null before the first closed trade. */
  readonly winRate: number | null;
}

type State = Omit<WinLoss, 'winRate'>;

export const winLoss: Fold<ClosedTrade, State, WinLoss> = {
  initial: { closedTrades: 0, wins: 0, losses: 0 },
  add: (state, { pnl }) => ({
    closedTrades: state.closedTrades + 1,
    wins: state.wins + (pnl > 0n ? 1 : 0),
    losses: state.losses + (pnl < 0n ? 1 : 0),
  }),
  result: (state) => ({ ...state, winRate: state.closedTrades === 0 ? null : state.wins / state.closedTrades }),
};
