/** Which input is taken next. */
import type { WorldNotes } from '@kairos/ports';
import type { Instant } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { Fronts } from './order.js';
import { isRepeated, nextArrival, nextLockStep } from './order.js';

const at = (arrivedAt: number, time: number | null = arrivedAt) => ({
  arrivedAt: arrivedAt as Instant,
  time: time as Instant | null,
});
const fronts = (some: Partial<Fronts>): Fronts => ({
  command: null,
  signal: null,
  predictor: null,
  price: null,
  ...some,
});

const ARRIVALS = [
  { when: 'nothing is there', some: {}, next: { wait: 'input' } },
  { when: 'a command waits behind older prices', some: { command: at(9), price: at(1) }, next: { take: 'command' } },
  { when: 'the price came first', some: { price: at(1), signal: at(2) }, next: { take: 'price' } },
  { when: 'the signal came first', some: { price: at(3), signal: at(2) }, next: { take: 'signal' } },
  { when: 'both came at once', some: { price: at(2), signal: at(2) }, next: { take: 'price' } },
] as const;

describe('with an exchange', () => {
  it.each(ARRIVALS)('when $when: $next', ({ some, next }) => {
    expect(nextArrival(fronts(some))).toEqual(next);
  });
});

const round = (closeAt: number, isComplete: boolean, awaiting: string[] = []): WorldNotes => ({
  hasPredictor: true,
  firstSignalWaitEndedAt: null,
  feedEndedAt: null,
  round: { closeAt: closeAt as Instant, isComplete, awaiting },
  partial: [],
});

const STEPS = [
  {
    when: 'a command is there',
    notes: round(5, false),
    some: { command: at(1), price: at(1) },
    next: { take: 'command' },
  },
  {
    when: 'a third party speaks',
    notes: round(5, false),
    some: { signal: at(1), price: at(1) },
    next: { take: 'signal' },
  },
  {
    when: 'the round goes on',
    notes: round(5, false, ['A']),
    some: { price: at(1, 5), predictor: at(1, 5) },
    next: { take: 'price' },
  },
  {
    when: 'the round is complete',
    notes: round(5, true, ['A']),
    some: { price: at(1, 6), predictor: at(1, 5) },
    next: { take: 'predictor' },
  },
  {
    when: 'a later candle ends a round without its last',
    notes: round(5, false, ['A']),
    some: { price: at(1, 6), predictor: at(1, 5) },
    next: { take: 'predictor' },
  },
  {
    when: 'the signal has not come',
    notes: round(5, true, ['A']),
    some: { price: at(1, 6) },
    next: { wait: 'predictor' },
  },
  {
    when: 'the predictor is past this time',
    notes: round(5, true, ['A']),
    some: { price: at(1, 6), predictor: at(1, 6) },
    next: { take: 'price' },
  },
  { when: 'all signals were taken', notes: round(5, true), some: { price: at(1, 6) }, next: { take: 'price' } },
  {
    when: 'a signal is ahead of the candles',
    notes: round(5, true),
    some: { predictor: at(1, 6) },
    next: { wait: 'input' },
  },
  {
    when: 'a signal is late',
    notes: round(5, false),
    some: { price: at(1, 5), predictor: at(1, 4) },
    next: { take: 'predictor' },
  },
  {
    when: 'a predictor’s message is not valid',
    notes: round(5, false),
    some: { price: at(1, 5), predictor: at(1, null) },
    next: { take: 'predictor' },
  },
] as const;

describe('in lock-step', () => {
  it.each(STEPS)('when $when: $next', ({ notes, some, next }) => {
    expect(nextLockStep(fronts(some), notes, true)).toEqual(next);
  });

  it('goes on without signals when they are not waited for', () => {
    expect(nextLockStep(fronts({ price: at(1, 6) }), round(5, true, ['A']), false)).toEqual({ take: 'price' });
  });
});

const REPEATS = [
  { when: 'the first one of all', notes: { ...round(0, false), round: null }, time: 1, expected: false },
  { when: 'one of an earlier round', notes: round(5, false), time: 4, expected: true },
  { when: 'one of the round that goes on', notes: round(5, false), time: 5, expected: false },
  { when: 'one of the round that is complete', notes: round(5, true), time: 5, expected: true },
  { when: 'one of the next round', notes: round(5, true), time: 6, expected: false },
] as const;

describe('a candle in lock-step has been taken before', () => {
  it.each(REPEATS)('when it is $when: $expected', ({ notes, time, expected }) => {
    expect(isRepeated(notes, { at: time as Instant })).toBe(expected);
  });
});
