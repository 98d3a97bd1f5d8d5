/** The longest runs of won and of lost trades; a pnl of exactly 0 ends either. */
import type { ClosedTrade, Fold } from './fold.js';

export interface Streaks {
  readonly longestWinStreak: number;
  readonly longestLossStreak: number;
}

interface State extends Streaks {
  /** Won trades in a row up to now as a positive count, lost ones as a negative one. */
  readonly current: number;
}

export const streaks: Fold<ClosedTrade, State, Streaks> = {
  initial: { current: 0, longestWinStreak: 0, longestLossStreak: 0 },
  add(state, { pnl }) {
    const side = pnl > 0n ? 1 : pnl < 0n ? -1 : 0;
    const current = side === 0 ? 0 : Math.sign(state.current) === side ? state.current + side : side;
    return {
      current,
      longestWinStreak: Math.max(state.longestWinStreak, current),
      longestLossStreak: Math.max(state.longestLossStreak, -current),
    };
  },
  result: ({ longestWinStreak, longestLossStreak }) => ({ longestWinStreak, longestLossStreak }),
};
