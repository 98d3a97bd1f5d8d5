/**
 * Profit factor: what was won for each unit lost, and the word for it. No unit.
 *
 * Formula: Σ pnl of won trades / −Σ pnl of lost trades.
 */
import { ratioOf } from '../value/decimal.js';
import type { Gross } from './gross.js';

export const RATINGS = ['EXCELLENT', 'GOOD', 'PROFITABLE', 'LOSING', 'UNRATED'] as const;
export type Rating = (typeof RATINGS)[number];

/** Null without a lost trade. */
export const profitFactorOf = ({ profit, loss }: Gross): number | null => ratioOf(profit, loss);

/**
 * Of the exact profit factor: above 2 EXCELLENT, above 1.5 GOOD, above 1 PROFITABLE, otherwise LOSING; without a lost
 * trade EXCELLENT if anything was won, else LOSING; UNRATED before the first closed trade.
 */
export function ratingOf({ profit, loss }: Gross, closedTrades: number): Rating {
  if (closedTrades === 0) return 'UNRATED';
  if (profit > 2n * loss) return 'EXCELLENT';
  if (2n * profit > 3n * loss) return 'GOOD';
  return profit > loss ? 'PROFITABLE' : 'LOSING';
}
