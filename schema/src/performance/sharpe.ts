/**
 * Sharpe ratio: what the days brought for how much they varied, annualised. No unit.
 *
 * Formula: mean / sample standard deviation (n − 1) of the daily returns × √365, risk-free rate 0.
 * Source: W. F. Sharpe, The Sharpe Ratio (1994).
 */
import type { DailyReturn } from './daily-returns.js';
import { DAYS_MIN, DAYS_PER_YEAR } from './daily-returns.js';
import type { Fold } from './fold.js';

interface State {
  readonly days: number;
  readonly mean: number;
  /** Σ (value − mean)², added up by Welford's method: it does not cancel out as a difference of sums does. */
  readonly spread: number;
}

/** Null under 2 days or when no day differed. */
export const sharpeRatio: Fold<Pick<DailyReturn, 'value'>, State, number | null> = {
  initial: { days: 0, mean: 0, spread: 0 },
  add({ days, mean, spread }, { value }) {
    const next = mean + (value - mean) / (days + 1);
    return { days: days + 1, mean: next, spread: spread + (value - mean) * (value - next) };
  },
  result({ days, mean, spread }) {
    // Days that are all alike differ by rounding only: no ratio follows from that.
    const isFlat = spread <= (spread + days * mean * mean) * Number.EPSILON;
    if (days < DAYS_MIN || isFlat) return null;
    return (mean / Math.sqrt(spread / (days - 1))) * Math.sqrt(DAYS_PER_YEAR);
  },
};
