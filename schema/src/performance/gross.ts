/** What all won trades brought and all lost ones cost: the sums that averages and factors are made of. */
import type { Money } from '../value/decimal.js';
import { plus, ZERO_MONEY } from '../value/decimal.js';
import type { ClosedTrade, Fold } from './fold.js';

export interface Gross {
  readonly wins: number;
  readonly losses: number;
  readonly profit: Money;
  /** Positive. */
  readonly loss: Money;
}

export const gross: Fold<ClosedTrade, Gross, Gross> = {
  initial: { wins: 0, losses: 0, profit: ZERO_MONEY, loss: ZERO_MONEY },
  add(state, { pnl }) {
    if (pnl > 0n) return { ...state, wins: state.wins + 1, profit: plus(state.profit, pnl) };
    if (pnl < 0n) return { ...state, losses: state.losses + 1, loss: plus(state.loss, -pnl as Money) };
    return state;
  },
  result: (state) => state,
};
