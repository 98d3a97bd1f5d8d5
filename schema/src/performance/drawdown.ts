/**
 * The largest falls of equity from its peak so far, in money and in percent of that peak.
 *
 * Formulas: max (peak − equity) and max ((peak − equity) / peak) × 100: they may belong to different falls.
 */
import type { Money } from '../value/decimal.js';
import { minus, ratioOf, ZERO_MONEY } from '../value/decimal.js';
import type { EquitySample, Fold } from './fold.js';

export interface Drawdown {
  /** Largest fall in money, positive. */
  readonly maxDrawdown: Money;
  /** Largest fall as a percentage of the peak it fell from, 0..100. */
  readonly maxDrawdownPercent: number;
}

interface State extends Drawdown {
  readonly peak: Money;
}

/** How far equity is below a peak, as a percentage of it: 0..100, 0 where there was no peak above 0. */
export function drawdownPercentOf(equity: Money, peak: Money): number {
  if (equity >= peak || peak <= 0n) return 0;
  return (ratioOf(minus(peak, equity), peak) ?? 0) * 100;
}

/** The first peak is the balance that the account began with. */
export const drawdown = (initialBalance: Money): Fold<Pick<EquitySample, 'equity'>, State, Drawdown> => ({
  initial: { peak: initialBalance, maxDrawdown: ZERO_MONEY, maxDrawdownPercent: 0 },
  add(state, { equity }) {
    if (equity >= state.peak) return { ...state, peak: equity };
    const fall = minus(state.peak, equity);
    return {
      peak: state.peak,
      maxDrawdown: fall > state.maxDrawdown ? fall : state.maxDrawdown,
      maxDrawdownPercent: Math.max(state.maxDrawdownPercent, drawdownPercentOf(equity, state.peak)),
    };
  },
  result: ({ maxDrawdown, maxDrawdownPercent }) => ({ maxDrawdown, maxDrawdownPercent }),
});
