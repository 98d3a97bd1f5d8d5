/**
 * How likely a mean pnl at least this far from zero would be if trades brought nothing on average, 0..1.
 *
 * Formula: two-sided one-sample t-test of the pnl against 0 with n − 1 degrees of freedom (scipy.stats.ttest_1samp).
 */
import type { Moments } from './moments.js';
import { sqnOf } from './sqn.js';
import { studentTwoSided } from './student.js';

/** Closed trades below which a p-value says nothing. */
export const P_VALUE_TRADES_MIN = 5;

/** Null under 5 trades or when all are alike. */
export function pValueOf(state: Moments): number | null {
  const t = sqnOf(state);
  return t === null || state.count < P_VALUE_TRADES_MIN ? null : studentTwoSided(t, state.count - 1);
}
