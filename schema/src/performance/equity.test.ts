import { describe, expect, it } from 'vitest';
import { formatMoney, parseMoney } from '../value/decimal.js';
import type { Instant } from '../value/instant.js';
import { DAY_MS, parseInstant } from '../value/instant.js';
import { calmarRatioOf, dailyReturns } from './daily-returns.js';
import { drawdown, drawdownPercentOf } from './drawdown.js';

const START = parseInstant('2024-01-01T06:00Z');

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
    const fold = dailyReturns(parseMoney('1000'));
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
    expect(figures(points)).toEqual({ sharpeRatio: null, sortinoRatio: null, cagrPercent: null });
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
    expect(figures(flat)).toEqual({ sharpeRatio: null, sortinoRatio: null, cagrPercent: 0 });
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
