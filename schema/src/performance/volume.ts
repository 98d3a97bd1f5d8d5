/**
 * What closed trades turned over, in the quote currency: bought plus sold, fees apart.
 *
 * Formula: Σ (cost + revenue). Exact.
 */
import type { Money } from '../value/decimal.js';
import { plus, ZERO_MONEY } from '../value/decimal.js';
import type { ClosedTrade, Fold } from './fold.js';

export const volume: Fold<Pick<ClosedTrade, 'cost' | 'revenue'>, Money, Money> = {
  initial: ZERO_MONEY,
  add: (sum, { cost, revenue }) => plus(sum, plus(cost, revenue)),
  result: (sum) => sum,
};
