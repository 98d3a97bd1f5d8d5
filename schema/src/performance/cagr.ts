/**
 * Compound annual growth rate: the yearly growth that would have led from the first equity to the newest, in percent.
 *
 * Formula: ((newest / first) ^ (365 / days) − 1) × 100; a day begun counts whole.
 */
import type { Money } from '../value/decimal.js';
import { minus, ratioOf } from '../value/decimal.js';
import type { DailyReturn } from './daily-returns.js';
import { DAYS_MIN, DAYS_PER_YEAR } from './daily-returns.js';
import type { Fold } from './fold.js';

interface State {
  readonly days: number;
  /** Equity before the first day; null before it. */
  readonly first: Money | null;
  readonly newest: Money;
}

/** Null under 2 days, when nothing is left, or when the figure is beyond a float. */
export const cagrPercent: Fold<Pick<DailyReturn, 'opening' | 'equity'>, State, number | null> = {
  initial: { days: 0, first: null, newest: 0n as Money },
  add: ({ days, first }, { opening, equity }) => ({ days: days + 1, first: first ?? opening, newest: equity }),
  result({ days, first, newest }) {
    const growth = first === null ? null : ratioOf(minus(newest, first), first);
    if (days < DAYS_MIN || growth === null || growth <= -1) return null;
    // By logarithms: a small growth keeps its digits.
    const percent = Math.expm1(Math.log1p(growth) * (DAYS_PER_YEAR / days)) * 100;
    return Number.isFinite(percent) ? percent : null;
  },
};
