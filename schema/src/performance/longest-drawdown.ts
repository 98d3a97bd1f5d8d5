/**
 * The longest time under water, in days: in a row with a closing equity below the highest one before, the stretch under
 * way included. The first peak is the equity before the first day.
 */
import type { Money } from '../value/decimal.js';
import type { DailyReturn } from './daily-returns.js';
import type { Fold } from './fold.js';

interface State {
  /** Highest closing equity; null before the first day. */
  readonly peak: Money | null;
  readonly current: number;
  readonly longest: number;
}

/** 0 while no day closed below a peak. */
export const longestDrawdownDays: Fold<Pick<DailyReturn, 'opening' | 'equity'>, State, number> = {
  initial: { peak: null, current: 0, longest: 0 },
  add(state, { opening, equity }) {
    const peak = state.peak ?? opening;
    if (equity >= peak) return { peak: equity, current: 0, longest: state.longest };
    const current = state.current + 1;
    return { peak, current, longest: Math.max(state.longest, current) };
  },
  result: ({ longest }) => longest,
};
