/** Count, sum and sum of squares of the trades' pnl, exact: what expectancy, quality and significance follow from. */
import type { Money } from '../value/decimal.js';
import { plus, ZERO_MONEY } from '../value/decimal.js';
import type { ClosedTrade, Fold } from './fold.js';

export interface Moments {
  readonly count: number;
  readonly sum: Money;
  /** In units of 1e-16. */
  readonly squares: bigint;
}

export const moments: Fold<Pick<ClosedTrade, 'pnl'>, Moments, Moments> = {
  initial: { count: 0, sum: ZERO_MONEY, squares: 0n },
  add: (state, { pnl }) => ({
    count: state.count + 1,
    sum: plus(state.sum, pnl),
    squares: state.squares + pnl * pnl,
  }),
  result: (state) => state,
};
