/**
 * System quality number: how far the mean pnl of a trade is from zero, measured by its own uncertainty. No unit.
 *
 * Formula: √n × mean / sample standard deviation (n − 1) of the pnl, without the cap of 100 trades that some put on √n,
 * so that it is also the t-statistic of the mean against zero. Source: Van Tharp, Definitive Guide to Position Sizing.
 */
import { MONEY_DECIMALS, toNumber } from '../value/decimal.js';
import type { Moments } from './moments.js';

/** Null under 2 trades or when all are alike. */
export function sqnOf({ count, sum, squares }: Moments): number | null {
  if (count < 2) return null;
  const n = BigInt(count);
  const spread = n * squares - sum * sum;
  if (spread === 0n) return null;
  return (toNumber(sum, MONEY_DECIMALS) * Math.sqrt(count - 1)) / Math.sqrt(toNumber(spread, 2 * MONEY_DECIMALS));
}
