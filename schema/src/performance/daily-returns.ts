/**
 * The return of each UTC day, made from points of the equity curve as they come.
 *
 * A day closes with its newest point, 24:00 included: a candle that closes at midnight belongs to the day it ends. The
 * first day is the one that the curve begins in, and the one under way counts with its newest equity: both count whole.
 * A day without a point has a return of 0.
 */
import type { Money } from '../value/decimal.js';
import { minus, ratioOf } from '../value/decimal.js';
import type { Instant } from '../value/instant.js';
import { addMs, DAY_MS, startOfDay } from '../value/instant.js';
import type { EquitySample, Fold } from './fold.js';

/** Crypto trades every day of the year. */
export const DAYS_PER_YEAR = 365;
/** Days below which nothing is said of returns. */
export const DAYS_MIN = 2;

export interface DailyReturn {
  /** equity / opening − 1; 0 where there was nothing to begin with. */
  readonly value: number;
  /** At the end of the day before, and of this one. */
  readonly opening: Money;
  readonly equity: Money;
}

/** How far it is, and what has been added up. */
export interface DailyState<S> {
  /** 24:00 UTC of the day under way. */
  readonly day: Instant;
  /** Equity at the end of the day before, and newest. */
  readonly opening: Money;
  readonly equity: Money;
  /** What the days that have ended came to. */
  readonly ended: S;
}

/** 24:00 UTC of the day that a time counts to: midnight counts to the day it ends. */
export const dayEndOf = (time: Instant): Instant => addMs(startOfDay(addMs(time, -1)), DAY_MS);

/** A metric of daily returns as a metric of an equity curve. `begin` is where it begins: at midnight, a new day. */
export const dailyReturns = <S, R>(
  begin: EquitySample,
  fold: Fold<DailyReturn, S, R>,
): Fold<EquitySample, DailyState<S>, R> => ({
  initial: {
    day: addMs(startOfDay(begin.time), DAY_MS),
    opening: begin.equity,
    equity: begin.equity,
    ended: fold.initial,
  },
  add(state, { time, equity }) {
    const day = dayEndOf(time);
    if (day <= state.day) return { ...state, equity };
    let ended = fold.add(state.ended, returnOf(state));
    const idle = { value: 0, opening: state.equity, equity: state.equity };
    for (let next = state.day + DAY_MS; next < day; next += DAY_MS) ended = fold.add(ended, idle);
    return { day, opening: state.equity, equity, ended };
  },
  result: (state) => fold.result(fold.add(state.ended, returnOf(state))),
});

function returnOf({ opening, equity }: DailyState<unknown>): DailyReturn {
  return { value: ratioOf(minus(equity, opening), opening) ?? 0, opening, equity };
}
