/** Every figure that follows from daily equity, in one fold. */
import { cagrPercent } from './cagr.js';
import type { DailyReturn, DailyState } from './daily-returns.js';
import { dailyReturns } from './daily-returns.js';
import type { EquitySample, Fold } from './fold.js';
import { longestDrawdownDays } from './longest-drawdown.js';
import { sharpeRatio } from './sharpe.js';
import { sortinoRatio } from './sortino.js';

/** Floats, never Infinity or NaN: null says that there is none. */
export interface EquityPerformance {
  readonly sharpeRatio: number | null;
  readonly sortinoRatio: number | null;
  readonly cagrPercent: number | null;
  readonly longestDrawdownDays: number;
}

export interface DaySums {
  readonly sharpe: typeof sharpeRatio.initial;
  readonly sortino: typeof sortinoRatio.initial;
  readonly growth: typeof cagrPercent.initial;
  readonly longest: typeof longestDrawdownDays.initial;
}

const ofDays: Fold<DailyReturn, DaySums, EquityPerformance> = {
  initial: {
    sharpe: sharpeRatio.initial,
    sortino: sortinoRatio.initial,
    growth: cagrPercent.initial,
    longest: longestDrawdownDays.initial,
  },
  add: (state, day) => ({
    sharpe: sharpeRatio.add(state.sharpe, day),
    sortino: sortinoRatio.add(state.sortino, day),
    growth: cagrPercent.add(state.growth, day),
    longest: longestDrawdownDays.add(state.longest, day),
  }),
  result: (state) => ({
    sharpeRatio: sharpeRatio.result(state.sharpe),
    sortinoRatio: sortinoRatio.result(state.sortino),
    cagrPercent: cagrPercent.result(state.growth),
    longestDrawdownDays: longestDrawdownDays.result(state.longest),
  }),
};

/** How far the curve has come, and what has been added up. */
export type EquityPerformanceState = DailyState<DaySums>;

/** Points come in order of time, after `begin`; of each UTC day the newest counts. */
export const equityPerformance = (begin: EquitySample): Fold<EquitySample, EquityPerformanceState, EquityPerformance> =>
  dailyReturns(begin, ofDays);
