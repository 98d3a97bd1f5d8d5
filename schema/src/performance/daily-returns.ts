/** Figures from daily equity returns: annualised with 365 days, risk-free rate 0. */
import type { Money } from '../value/decimal.js';
import { ratioOf } from '../value/decimal.js';
import type { Instant } from '../value/instant.js';
import { DAY_MS, startOfDay } from '../value/instant.js';
import type { EquitySample, Fold } from './fold.js';

export interface DailyFigures {
  /** Null under 2 days or when no day differed. */
  readonly sharpeRatio: number | null;
  /** Null under 2 days or without a losing day. */
  readonly sortinoRatio: number | null;
  /** Yearly growth in percent; null under 2 days or when nothing is left. */
  readonly cagrPercent: number | null;
}

interface State {
  /** 00:00 UTC of the day under way; null before the first point. */
  readonly day: Instant | null;
  /** Equity at the end of the day before, and newest. */
  readonly opening: Money;
  readonly equity: Money;
  /** Of the days that have ended. */
  readonly ended: Sums;
}

interface Sums {
  readonly days: number;
  readonly sum: number;
  readonly squares: number;
  readonly downSquares: number;
}

const DAYS_PER_YEAR = 365;
const DAYS_MIN = 2;

/** The day under way counts with its newest equity; a day without a point has a return of 0. */
export const dailyReturns = (initialBalance: Money): Fold<EquitySample, State, DailyFigures> => ({
  initial: {
    day: null,
    opening: initialBalance,
    equity: initialBalance,
    ended: { days: 0, sum: 0, squares: 0, downSquares: 0 },
  },
  add(state, { time, equity }) {
    const day = startOfDay(time);
    if (state.day === null || day <= state.day) return { ...state, day: state.day ?? day, equity };
    const idleDays = (day - state.day) / DAY_MS - 1;
    const ended = withReturn(state.ended, returnOf(state));
    return { day, opening: state.equity, equity, ended: { ...ended, days: ended.days + idleDays } };
  },
  result(state) {
    if (state.day === null) return { sharpeRatio: null, sortinoRatio: null, cagrPercent: null };
    const sums = withReturn(state.ended, returnOf(state));
    if (sums.days < DAYS_MIN) return { sharpeRatio: null, sortinoRatio: null, cagrPercent: null };
    return { ...ratiosOf(sums), cagrPercent: cagrOf(ratioOf(state.equity, initialBalance), sums.days) };
  },
});

const returnOf = (state: State): number => (ratioOf(state.equity, state.opening) ?? 1) - 1;

const withReturn = (sums: Sums, value: number): Sums => ({
  days: sums.days + 1,
  sum: sums.sum + value,
  squares: sums.squares + value * value,
  downSquares: sums.downSquares + Math.min(value, 0) ** 2,
});

function ratiosOf({ days, sum, squares, downSquares }: Sums): Pick<DailyFigures, 'sharpeRatio' | 'sortinoRatio'> {
  const mean = sum / days;
  const variance = (squares - days * mean * mean) / (days - 1);
  const annual = Math.sqrt(DAYS_PER_YEAR);
  // Days that are all alike differ by rounding only: no ratio follows from that.
  const isFlat = variance <= squares * Number.EPSILON;
  return {
    sharpeRatio: isFlat ? null : (mean / Math.sqrt(variance)) * annual,
    sortinoRatio: downSquares === 0 ? null : (mean / Math.sqrt(downSquares / days)) * annual,
  };
}

function cagrOf(growth: number | null, days: number): number | null {
  if (growth === null || growth <= 0) return null;
  const percent = (growth ** (DAYS_PER_YEAR / days) - 1) * 100;
  return Number.isFinite(percent) ? percent : null;
}

/** cagrPercent / maxDrawdownPercent; null without either. */
export const calmarRatioOf = (cagrPercent: number | null, maxDrawdownPercent: number): number | null =>
  cagrPercent === null || maxDrawdownPercent === 0 ? null : cagrPercent / maxDrawdownPercent;
