/**
 * Sortino ratio: what the days brought for how much the losing ones lost, annualised. No unit.
 *
 * Formula: mean of the daily returns / √(Σ min(return, 0)² / n) × √365, target 0; n counts every day, not only the
 * losing ones. Source: F. A. Sortino, L. N. Price, Performance Measurement in a Downside Risk Framework (1994).
 */
import type { DailyReturn } from './daily-returns.js';
import { DAYS_MIN, DAYS_PER_YEAR } from './daily-returns.js';
import type { Fold } from './fold.js';

interface State {
  readonly days: number;
  readonly sum: number;
  readonly downSquares: number;
}

/** Null under 2 days or without a losing day. */
export const sortinoRatio: Fold<Pick<DailyReturn, 'value'>, State, number | null> = {
  initial: { days: 0, sum: 0, downSquares: 0 },
  add: ({ days, sum, downSquares }, { value }) => ({
    days: days + 1,
    sum: sum + value,
    downSquares: downSquares + Math.min(value, 0) ** 2,
  }),
  result({ days, sum, downSquares }) {
    if (days < DAYS_MIN || downSquares === 0) return null;
    return (sum / days / Math.sqrt(downSquares / days)) * Math.sqrt(DAYS_PER_YEAR);
  },
};
