/**
 * Average win and average loss in the quote currency, and their ratio.
 *
 * Formulas: gross profit / wins and gross loss / losses, half-even to 8 decimals; the ratio is taken of the exact sums,
 * not of the rounded averages.
 */
import type { Money } from '../value/decimal.js';
import { divide, ratioOf } from '../value/decimal.js';
import type { Gross } from './gross.js';

export interface Averages {
  /** Null without a won trade. */
  readonly averageWin: Money | null;
  /** Positive; null without a lost trade. */
  readonly averageLoss: Money | null;
  /** averageWin / averageLoss; null without a lost trade, 0 without a won one. */
  readonly payoffRatio: number | null;
}

/** Sum / count, half-even to 8 decimals; null when the count is 0. */
export const averageOf = (sum: Money, count: number): Money | null =>
  count === 0 ? null : (divide(sum, BigInt(count), 'halfEven') as Money);

export function averagesOf({ wins, losses, profit, loss }: Gross): Averages {
  return {
    averageWin: averageOf(profit, wins),
    averageLoss: averageOf(loss, losses),
    payoffRatio: wins === 0 && losses > 0 ? 0 : ratioOf(profit * BigInt(losses), loss * BigInt(wins)),
  };
}
