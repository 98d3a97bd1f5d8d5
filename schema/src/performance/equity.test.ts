import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Money } from '../value/decimal.js';
import { formatMoney, parseMoney } from '../value/decimal.js';
import type { Instant } from '../value/instant.js';
import { DAY_MS, parseInstant } from '../value/instant.js';
import { calmarRatioOf } from './calmar.js';
import { drawdown, drawdownPercentOf } from './drawdown.js';
import { equityPerformance } from './equity-performance.js';
import { sharpeRatio } from './sharpe.js';

const START = parseInstant('2024-01-01T06:00Z');
const MIDNIGHT = parseInstant('2024-01-01T00:00Z');

describe('drawdown', () => {
  it.each([
    ['no point', [], '0', 0],
    ['only up', ['5100', '5200'], '0', 0],
    ['below the initial balance at once', ['4500'], '500', 10],
    ['the largest of several falls', ['6000', '5400', '8000', '7900', '7000'], '1000', 12.5],
    ['the largest share may be another fall', ['1000', '20000', '15000'], '5000', 80],
    ['never more than the whole', ['0'], '5000', 100],
  ])('%s', (_name, points, money, percent) => {
    const fold = drawdown(parseMoney('5000'));
    const state = points.reduce((sum, equity) => fold.add(sum, { equity: parseMoney(equity) }), fold.initial);
    const { maxDrawdown, maxDrawdownPercent } = fold.result(state);
    expect([formatMoney(maxDrawdown), maxDrawdownPercent]).toEqual([money, percent]);
  });

  it('is 0 at the peak and above it', () => {
    expect(drawdownPercentOf(parseMoney('100'), parseMoney('100'))).toBe(0);
    expect(drawdownPercentOf(parseMoney('101'), parseMoney('100'))).toBe(0);
    expect(drawdownPercentOf(parseMoney('75'), parseMoney('100'))).toBe(25);
  });
});

describe('figures from daily returns', () => {
  /** One point per given day; a number is days after the start. */
  const figures = (points: readonly (readonly [number, string])[]) => {
    const fold = equityPerformance({ time: START, equity: parseMoney('1000') });
    const state = points.reduce(
      (sum, [days, equity]) => fold.add(sum, { time: (START + days * DAY_MS) as Instant, equity: parseMoney(equity) }),
      fold.initial,
    );
    return fold.result(state);
  };

  it.each([
    ['without a point', []],
    [
      'on the first day',
      [
        [0, '1000'],
        [0.5, '1100'],
      ] as const,
    ],
  ])('are null %s', (_name, points) => {
    expect(figures(points)).toEqual({
      sharpeRatio: null,
      sortinoRatio: null,
      cagrPercent: null,
      longestDrawdownDays: 0,
    });
  });

  it('take the last equity of each day, the day under way included', () => {
    // Returns +10 %, -5 %.
    const { sharpeRatio, sortinoRatio, cagrPercent } = figures([
      [0, '900'],
      [0.5, '1100'],
      [1, '1045'],
    ]);
    expect(sharpeRatio).toBeCloseTo((0.025 / Math.sqrt(2 * 0.075 ** 2)) * Math.sqrt(365), 10);
    expect(sortinoRatio).toBeCloseTo((0.025 / Math.sqrt(0.05 ** 2 / 2)) * Math.sqrt(365), 10);
    expect(cagrPercent).toBeCloseTo((1.045 ** (365 / 2) - 1) * 100, 6);
  });

  it('count a point at midnight to the day that it ends', () => {
    const quarterPast = 0.75;
    const atMidnight = figures([
      [0, '1000'],
      [quarterPast, '1100'],
      [1, '1045'],
    ]);
    const before = figures([
      [0, '1000'],
      [quarterPast - 0.01, '1100'],
      [1, '1045'],
    ]);
    expect(atMidnight).toEqual(before);
    expect(atMidnight.sharpeRatio).not.toBeNull();
  });

  it.each([
    ['never below the peak', ['1000', '1100', '1100'], 0],
    ['below the balance at the beginning', ['900', '950', '1000', '999'], 2],
    ['under way still', ['1100', '1000', '1050', '1099'], 3],
    ['by day ends, whatever lies between', ['1100', '1100'], 0],
  ])('tell the longest time under water: %s', (_name, closings, days) => {
    expect(figures(closings.map((equity, day) => [day, equity] as const)).longestDrawdownDays).toBe(days);
  });

  it('begin a new day at midnight, and count an idle day at either end', () => {
    const begin = (time: Instant) => equityPerformance({ time, equity: parseMoney('1000') });
    const end = { time: (MIDNIGHT + 2 * DAY_MS) as Instant, equity: parseMoney('990') };
    const daysUnderWater = (time: Instant) => {
      const fold = begin(time);
      const early = fold.add(fold.initial, { time: (MIDNIGHT + DAY_MS) as Instant, equity: parseMoney('999') });
      return fold.result(fold.add(early, end)).longestDrawdownDays;
    };
    expect(daysUnderWater(MIDNIGHT)).toBe(2);
    expect(daysUnderWater((MIDNIGHT - 1) as Instant)).toBe(2);
    const growth = (time: Instant) => {
      const fold = begin(time);
      return fold.result(fold.add(fold.initial, end)).cagrPercent;
    };
    expect(growth(MIDNIGHT)).toBeCloseTo((0.99 ** (365 / 2) - 1) * 100, 10);
    expect(growth((MIDNIGHT - 1) as Instant)).toBeCloseTo((0.99 ** (365 / 3) - 1) * 100, 10);
  });

  it('count idle days below a peak as days under water', () => {
    const { longestDrawdownDays } = figures([
      [0, '900'],
      [5, '1000'],
    ]);
    expect(longestDrawdownDays).toBe(5);
  });

  it('are never Infinity or NaN, whatever the curve', () => {
    const equity = fc.bigInt({ min: 0n, max: 10n ** 20n }).map((units) => formatMoney(units as Money));
    const point = fc.tuple(fc.double({ min: 0, max: 30, noNaN: true }), equity);
    fc.assert(
      fc.property(fc.array(point, { maxLength: 20 }), (points) => {
        const inOrder = points.sort(([a], [b]) => a - b).map(([days, value]) => [days, value] as const);
        const numbers = Object.values(figures(inOrder)).filter((value) => value !== null);
        expect(numbers.every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it('come to the same by Welford as by sums, and keep their digits beside a large mean', () => {
    const values = [0.1, 0.1000001, 0.0999999, 0.1];
    const state = values.reduce((sum, value) => sharpeRatio.add(sum, { value }), sharpeRatio.initial);
    const deviation = Math.sqrt((2 * 1e-7 ** 2) / 3);
    expect(sharpeRatio.result(state)! / ((0.1 / deviation) * Math.sqrt(365))).toBeCloseTo(1, 6);
  });

  it('count a day without a point as a return of 0', () => {
    const withGap = figures([
      [0, '1100'],
      [3, '1045'],
    ]);
    const filled = figures([
      [0, '1100'],
      [1, '1100'],
      [2, '1100'],
      [3, '1045'],
    ]);
    expect(withGap).toEqual(filled);
  });

  it('have no Sharpe ratio when no day differed and no Sortino ratio without a losing day', () => {
    const flat = [0, 1, 2].map((day) => [day, '1000'] as const);
    expect(figures(flat)).toMatchObject({ sharpeRatio: null, sortinoRatio: null, cagrPercent: 0 });
    const up = figures([
      [0, '1100'],
      [1, '1200'],
    ]);
    expect(up.sortinoRatio).toBeNull();
    expect(up.sharpeRatio).toBeGreaterThan(0);
  });

  it('have no yearly growth when nothing is left', () => {
    const { cagrPercent } = figures([
      [0, '500'],
      [1, '0'],
    ]);
    expect(cagrPercent).toBeNull();
  });

  it.each([
    [30, 12, 2.5],
    [null, 12, null],
    [30, 0, null],
  ])('Calmar of growth %s and drawdown %s is %s', (cagr, maxDrawdown, expected) => {
    expect(calmarRatioOf(cagr, maxDrawdown)).toBe(expected);
  });
});
