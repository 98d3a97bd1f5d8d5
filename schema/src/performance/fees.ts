/**
 * Fees of closed trades, of entry and exit, in the quote currency.
 *
 * Formula: Σ (entryFee + exitFee). Exact.
 */
import type { Money } from '../value/decimal.js';
import { plus, ZERO_MONEY } from '../value/decimal.js';
import type { ClosedTrade, Fold } from './fold.js';

export const fees: Fold<Pick<ClosedTrade, 'entryFee' | 'exitFee'>, Money, Money> = {
  initial: ZERO_MONEY,
  add: (sum, { entryFee, exitFee }) => plus(sum, plus(entryFee, exitFee)),
  result: (sum) => sum,
};
