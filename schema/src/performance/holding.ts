/**
 * How long closed trades were held on average, in whole seconds of world time.
 *
 * Formula: Σ (exitTime − entryTime) / n, rounded.
 */
import { SECOND_MS } from '../value/instant.js';
import type { ClosedTrade, Fold } from './fold.js';

interface State {
  readonly count: number;
  readonly totalMs: number;
}

/** Null before the first closed trade. */
export const averageHoldingSeconds: Fold<ClosedTrade, State, number | null> = {
  initial: { count: 0, totalMs: 0 },
  add: (state, trade) => ({ count: state.count + 1, totalMs: state.totalMs + (trade.exitTime - trade.entryTime) }),
  result: ({ count, totalMs }) => (count === 0 ? null : Math.round(totalMs / count / SECOND_MS)),
};
