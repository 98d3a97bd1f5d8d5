/**
 * Calmar ratio: yearly growth for the deepest fall on the way. No unit.
 *
 * Formula: cagrPercent / maxDrawdownPercent, the drawdown of every point of the curve and not of day ends alone, over
 * the whole span and not the last 36 months alone. Source: T. W. Young, Calmar Ratio: A Smoother Tool (1991).
 */

/** Null without growth, without a drawdown, or when the figure is beyond a float. */
export function calmarRatioOf(cagrPercent: number | null, maxDrawdownPercent: number): number | null {
  if (cagrPercent === null || maxDrawdownPercent === 0) return null;
  const ratio = cagrPercent / maxDrawdownPercent;
  return Number.isFinite(ratio) ? ratio : null;
}
