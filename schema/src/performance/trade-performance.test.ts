import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMoney } from '../value/decimal.js';
import type { Instant } from '../value/instant.js';
import { HOUR_MS, parseInstant } from '../value/instant.js';
import { closedTrade } from '../../fixtures/closed-trade.js';
import type { ClosedTrade } from './fold.js';
import { tradePerformance } from './trade-performance.js';

const START = parseInstant('2024-01-01T00:00Z');
const performance = tradePerformance<ClosedTrade & { readonly id: number }>();

/** Trades of one hour each, one after the other. */
const tradesWith = (pnls: readonly string[]) =>
  pnls.map((pnl, id) => closedTrade(pnl, (START + id * HOUR_MS) as Instant, { id }));

const of = (...pnls: string[]) => performance.result(tradesWith(pnls).reduce(performance.add, performance.initial));

describe('before the first closed trade', () => {
  it('nothing is known, and nothing is Infinity or NaN', () => {
    const { exposure, ...figures } = of();
    expect(figures).toEqual({
      closedTrades: 0,
      wins: 0,
      losses: 0,
      winRate: null,
      realizedPnl: 0n,
      feesPaid: 0n,
      volume: 0n,
      averageWin: null,
      averageLoss: null,
      payoffRatio: null,
      profitFactor: null,
      rating: 'UNRATED',
      expectancy: null,
      bestTrade: null,
      worstTrade: null,
      averageHoldingSeconds: null,
      longestWinStreak: 0,
      longestLossStreak: 0,
      currentStreak: 0,
      sqn: null,
      pValue: null,
    });
    expect(exposure({ from: START, to: START, openSince: [] })).toBeNull();
  });
});

describe('a mix of won, lost and even trades', () => {
  const figures = of('10', '20', '-5', '0', '-10', '-3', '7');

  it.each([
    ['closedTrades', 7],
    ['wins', 3],
    ['losses', 3],
    ['winRate', 3 / 7],
    ['longestWinStreak', 2],
    ['longestLossStreak', 2],
    ['currentStreak', 1],
    ['averageHoldingSeconds', 3_600],
    ['profitFactor', 37 / 18],
    ['payoffRatio', 37 / 18],
    ['rating', 'EXCELLENT'],
  ] as const)('%s is %s', (name, expected) => {
    expect(figures[name]).toBe(expected);
  });

  it.each([
    ['realizedPnl', '19'],
    ['feesPaid', '7'],
    ['volume', '14000000000026'],
    ['averageWin', '12.33333333'],
    ['averageLoss', '6'],
    ['expectancy', '2.71428571'],
  ] as const)('%s is exactly %s', (name, expected) => {
    const value = figures[name];
    expect(value === null ? null : formatMoney(value)).toBe(expected);
  });

  it('names the best and the worst trade', () => {
    expect([figures.bestTrade?.id, figures.worstTrade?.id]).toEqual([1, 4]);
  });

  it('gives of equals the earlier one', () => {
    const even = of('1', '1');
    expect([even.bestTrade?.id, even.worstTrade?.id]).toEqual([0, 0]);
  });
});

describe('averages are rounded half-even to 8 decimals', () => {
  it.each([
    [['0.00000001', '0.00000002'], '0.00000002'],
    [['0.00000001', '0.00000004'], '0.00000002'],
    [['0.00000001', '0.00000001', '0.00000002'], '0.00000001'],
  ])('of %j it is %s', (pnls, expected) => {
    expect(formatMoney(of(...pnls).averageWin!)).toBe(expected);
  });
});

describe('rating of the profit factor', () => {
  it.each([
    ['just above 2', ['2.00000001', '-1'], 'EXCELLENT'],
    ['exactly 2', ['2', '-1'], 'GOOD'],
    ['just above 1.5', ['1.50000001', '-1'], 'GOOD'],
    ['exactly 1.5', ['1.5', '-1'], 'PROFITABLE'],
    ['just above 1', ['1.00000001', '-1'], 'PROFITABLE'],
    ['exactly 1', ['1', '-1'], 'LOSING'],
    ['below 1', ['1', '-2'], 'LOSING'],
    ['nothing won', ['-1'], 'LOSING'],
    ['nothing lost, something won', ['0.00000001'], 'EXCELLENT'],
    ['nothing lost, nothing won', ['0'], 'LOSING'],
  ])('%s', (_name, pnls, rating) => {
    expect(of(...pnls).rating).toBe(rating);
  });

  it('has no factor and no payoff ratio without a lost trade', () => {
    const { profitFactor, payoffRatio } = of('1', '2', '0');
    expect([profitFactor, payoffRatio]).toEqual([null, null]);
  });

  it('has both at 0 without a won trade', () => {
    const { profitFactor, payoffRatio } = of('-1', '-2');
    expect([profitFactor, payoffRatio]).toEqual([0, 0]);
  });
});

describe('the streak under way', () => {
  it.each([
    ['won last', ['-1', '1', '2'], 2],
    ['lost last', ['1', '-1', '-2', '-3'], -3],
    ['even last', ['1', '2', '0'], 0],
  ])('%s', (_name, pnls, streak) => {
    expect(of(...pnls).currentStreak).toBe(streak);
  });
});

describe('quality and significance', () => {
  it('is √n × mean / sample standard deviation', () => {
    // Mean 3, sample standard deviation √2.5.
    expect(of('1', '2', '3', '4', '5').sqn).toBeCloseTo((Math.sqrt(5) * 3) / Math.sqrt(2.5), 12);
  });

  it('gives the p-value that tables give', () => {
    // t = 4.242640687 with 4 degrees of freedom.
    expect(of('1', '2', '3', '4', '5').pValue).toBeCloseTo(0.013235, 5);
  });

  it.each([
    ['under 2 trades', ['5'], null, null],
    ['when all trades are alike', ['5', '5', '5', '5', '5'], null, null],
    ['for the p-value under 5 trades', ['1', '2', '3', '4'], expect.any(Number), null],
  ])('is null %s', (_name, pnls, sqn, pValue) => {
    expect(of(...pnls)).toMatchObject({ sqn, pValue });
  });
});

describe('exposure', () => {
  const span = { from: START, to: (START + 10 * HOUR_MS) as Instant };
  const at = (hours: number) => (START + hours * HOUR_MS) as Instant;
  const exposure = (stretches: [number, number][], openSince: number[] = []) => {
    const trades = stretches.map(([from, to], id) => closedTrade('1', at(from), { id, exitTime: at(to) }));
    const result = performance.result(trades.reduce(performance.add, performance.initial));
    return result.exposure({ ...span, openSince: openSince.map(at) });
  };

  it.each<[string, [number, number][], number[], number]>([
    ['no trade', [], [], 0],
    ['one trade', [[1, 3]], [], 0.2],
    [
      'apart',
      [
        [1, 2],
        [4, 6],
      ],
      [],
      0.3,
    ],
    [
      'overlapping trades count once',
      [
        [1, 3],
        [2, 4],
      ],
      [],
      0.3,
    ],
    [
      'a long trade swallows short ones',
      [
        [2, 3],
        [4, 5],
        [1, 6],
      ],
      [],
      0.5,
    ],
    ['an open trade counts to the end', [[1, 3]], [8], 0.4],
    ['an open trade from before the last exit', [[1, 3]], [2], 0.9],
    ['what lies outside the span does not count', [[-5, 1]], [], 0.1],
  ])('%s', (_name, stretches, openSince, expected) => {
    expect(exposure(stretches, openSince)).toBe(expected);
  });
});

describe('as a fold', () => {
  it('leaves earlier states as they were, so that one can be kept and continued', () => {
    const [first, second] = tradesWith(['1', '-2']);
    const kept = performance.add(performance.initial, first!);
    const before = JSON.stringify(performance.result(kept), (_key, value: unknown) => String(value));
    performance.add(kept, second!);
    expect(JSON.stringify(performance.result(kept), (_key, value: unknown) => String(value))).toBe(before);
  });

  it('has no figure that is Infinity or NaN, whatever the trades', () => {
    const pnl = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map((units) => formatMoney(units as never));
    fc.assert(
      fc.property(fc.array(pnl, { maxLength: 30 }), (pnls) => {
        const numbers = Object.values(of(...pnls)).filter((value) => typeof value === 'number');
        expect(numbers.every(Number.isFinite)).toBe(true);
      }),
    );
  });
});
