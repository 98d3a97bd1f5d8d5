/**
 * What a closed trade brought on average, in the quote currency, fees taken off.
 *
 * Formula: Σ pnl / n, half-even to 8 decimals.
 */
import type { Money } from '../value/decimal.js';
import { averageOf } from './averages.js';
import type { Moments } from './moments.js';

/** Null before the first closed trade. */
export const expectancyOf = ({ sum, count }: Moments): Money | null => averageOf(sum, count);
