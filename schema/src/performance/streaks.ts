/** Runs of won and of lost trades, in trades; a pnl of exactly 0 ends either. */
import type { ClosedTrade, Fold } from './fold.js';

export interface Streaks {
  readonly longestWinStreak: number;
  readonly longestLossStreak: number;
  /** Won trades in a row up to now as a positive count, lost ones as a negative one; 0 after an even one. */
  readonly currentStreak: number;
}

export const streaks: Fold<Pick<ClosedTrade, 'pnl'>, Streaks, Streaks> = {
  initial: { longestWinStreak: 0, longestLossStreak: 0, currentStreak: 0 },
  add(state, { pnl }) {
    const side = pnl > 0n ? 1 : pnl < 0n ? -1 : 0;
    const isLonger = side !== 0 && Math.sign(state.currentStreak) === side;
    const currentStreak = isLonger ? state.currentStreak + side : side;
    return {
      longestWinStreak: Math.max(state.longestWinStreak, currentStreak),
      longestLossStreak: Math.max(state.longestLossStreak, -currentStreak),
      currentStreak,
    };
  },
  result: (state) => state,
};
