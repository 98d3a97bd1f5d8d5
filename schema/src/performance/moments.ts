/** Count, sum and sum of squares of the trades' pnl, exact: what expectancy, quality and significance follow from. */
import type { Money } from '../value/decimal.js';
import { MONEY_DECIMALS, plus, toNumber, ZERO_MONEY } from '../value/decimal.js';
import { averageOf } from './averages.js';
import type { ClosedTrade, Fold } from './fold.js';
import { studentTwoSided } from './student.js';

export interface Moments {
  readonly count: number;
  readonly sum: Money;
  /** In units of 1e-16. */
  readonly squares: bigint;
}

/** Closed trades below which a p-value says nothing. */
export const P_VALUE_TRADES_MIN = 5;

export const moments: Fold<ClosedTrade, Moments, Moments> = {
  initial: { count: 0, sum: ZERO_MONEY, squares: 0n },
  add: (state, { pnl }) => ({
    count: state.count + 1,
    sum: plus(state.sum, pnl),
    squares: state.squares + pnl * pnl,
  }),
  result: (state) => state,
};

/** Mean pnl per closed trade, half-even to 8 decimals; null before the first. */
export const expectancyOf = ({ sum, count }: Moments): Money | null => averageOf(sum, count);

/**
 * System quality number: √trades × mean / sample standard deviation of the pnl. It is also the t-statistic of the mean
 * against zero. Null under 2 trades or when all are alike.
 */
export function sqnOf({ count, sum, squares }: Moments): number | null {
  if (count < 2) return null;
  const n = BigInt(count);
  const spread = n * squares - sum * sum;
  if (spread === 0n) return null;
  return (toNumber(sum, MONEY_DECIMALS) * Math.sqrt(count - 1)) / Math.sqrt(toNumber(spread, 2 * MONEY_DECIMALS));
}

/** Two-sided t-test of the mean pnl against zero; null under 5 trades or when all are alike. */
export function pValueOf(state: Moments): number | null {
  const t = sqnOf(state);
  return t === null || state.count < P_VALUE_TRADES_MIN ? null : studentTwoSided(t, state.count - 1);
}
