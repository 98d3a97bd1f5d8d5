/** Our figures beside those of empyrical, quantstats and scipy (scripts/reference-metrics), on the same series. */
import { describe, expect, it } from 'vitest';
import golden from '../../fixtures/metrics.json' with { type: 'json' };
import { MONEY_DECIMALS, parseMoney, toNumber } from '../value/decimal.js';
import type { Instant } from '../value/instant.js';
import { DAY_MS, HOUR_MS, parseInstant } from '../value/instant.js';
import { calmarRatioOf } from './calmar.js';
import { drawdown } from './drawdown.js';
import { equityPerformance } from './equity-performance.js';
import { tradePerformance } from './trade-performance.js';
import { closedTrade } from '../../fixtures/closed-trade.js';

/** Relative: what different orders of adding floats may come to. */
const TOLERANCE = 1e-9;
/** Money is rounded once to 8 decimals. */
const MONEY_TOLERANCE = 0.5e-8;

const START = parseInstant('2024-01-01T12:00Z');

type Series = (typeof golden)[number];

const equityFigures = ({ initialBalance, equity }: Series) => {
  const initial = parseMoney(initialBalance);
  const ofDays = equityPerformance({ time: START, equity: initial });
  const falls = drawdown(initial);
  const points = equity.map((value, day) => ({ time: (START + day * DAY_MS) as Instant, equity: parseMoney(value) }));
  const figures = ofDays.result(points.reduce(ofDays.add, ofDays.initial));
  const { maxDrawdownPercent } = falls.result(points.reduce(falls.add, falls.initial));
  const calmarRatio = calmarRatioOf(figures.cagrPercent, maxDrawdownPercent);
  return { ...figures, maxDrawdownPercent, calmarRatio };
};

const tradeFigures = ({ trades }: Series) => {
  const fold = tradePerformance();
  const state = trades.reduce(
    (sum, pnl, hour) => fold.add(sum, closedTrade(pnl, (START + hour * HOUR_MS) as Instant)),
    fold.initial,
  );
  return fold.result(state);
};

describe.each(golden)('$name', (series) => {
  const ours: Readonly<Record<string, unknown>> = { ...equityFigures(series), ...tradeFigures(series) };

  it.each([
    'sharpeRatio',
    'sortinoRatio',
    'cagrPercent',
    'maxDrawdownPercent',
    'calmarRatio',
    'sqn',
    'pValue',
    'profitFactor',
    'payoffRatio',
  ] as const)('%s is theirs to 1e-9', (name) => {
    const theirs = series.figures[name];
    expect(Math.abs(Number(ours[name]) - theirs) / Math.abs(theirs)).toBeLessThan(TOLERANCE);
  });

  it.each(['averageWin', 'averageLoss', 'expectancy'] as const)('%s is theirs to a unit of money', (name) => {
    const difference = toNumber(ours[name] as bigint, MONEY_DECIMALS) - series.figures[name];
    expect(Math.abs(difference)).toBeLessThanOrEqual(MONEY_TOLERANCE * (1 + TOLERANCE));
  });

  it.each(['longestDrawdownDays', 'longestWinStreak', 'longestLossStreak'] as const)('%s is theirs', (name) => {
    expect(ours[name]).toBe(series.figures[name]);
  });

  it('the win rate is theirs but for even trades, which ours counts', () => {
    const { wins, losses } = tradeFigures(series);
    expect(wins / (wins + losses)).toBeCloseTo(series.figures.winRateOfDecided, 12);
  });
});
