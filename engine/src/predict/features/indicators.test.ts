import { describe, expect, it, vi } from 'vitest';
import { hasRealData, readColumns } from '../testing/market.fixture.js';
import { atr } from './atr.js';
import { ema, sma } from './moving-average.js';
import { logReturn } from './returns.js';
import { rsi } from './rsi.js';
import { standardDeviation } from './volatility.js';
import { volumeRatio } from './volume-ratio.js';

// Thousands of candles take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const TALIB = 'indicators-talib-btcusdt-1h-5000.csv.gz';
const SKENDER = 'indicators-skender-daily-502.csv';

type Columns = Record<string, Float64Array>;
type Indicator = (columns: Columns, i: number) => number;

const close = (columns: Columns): Float64Array => columns['close']!;
const ranges = (columns: Columns) => ({ high: columns['high']!, low: columns['low']!, close: columns['close']! });
const emaOf = (period: number): Indicator => {
  return (columns, i) => ema(close(columns), i, { length: i + 1, period });
};
const rsi14: Indicator = (columns, i) => rsi(close(columns), i, { length: i + 1, period: 14 });
const atr14: Indicator = (columns, i) => atr(ranges(columns), i, { length: i + 1, period: 14 });

const references: readonly (readonly [file: string, column: string, indicator: Indicator])[] = [
  [TALIB, 'sma_20', (columns, i) => sma(close(columns), i, 20)],
  [TALIB, 'sma_50', (columns, i) => sma(close(columns), i, 50)],
  [TALIB, 'ema_12', emaOf(12)],
  [TALIB, 'ema_26', emaOf(26)],
  [TALIB, 'rsi_14', rsi14],
  [TALIB, 'atr_14', atr14],
  [TALIB, 'stddev_20', (columns, i) => standardDeviation(close(columns), i, 20)],
  [SKENDER, 'sma.sma', (columns, i) => sma(close(columns), i, 20)],
  [SKENDER, 'ema.ema', emaOf(20)],
  [SKENDER, 'rsi.rsi', rsi14],
  [SKENDER, 'atr.atr', atr14],
  [SKENDER, 'stdev.stdDev', (columns, i) => standardDeviation(close(columns), i, 14)],
];

describe.skipIf(!hasRealData())('indicators agree with reference values within 1e-9', () => {
  it.each(references)('%s %s', (file, column, indicator) => {
    const columns = readColumns(file);
    const expected = columns[column]!;
    let compared = 0;
    for (let i = 0; i < expected.length; i++) {
      if (Number.isNaN(expected[i]!)) continue;
      const found = indicator(columns, i);
      expect(Math.abs(found - expected[i]!) / Math.max(1, Math.abs(expected[i]!)), `row ${i}`).toBeLessThan(1e-9);
      compared++;
    }
    expect(compared).toBeGreaterThan(450);
  });
});

describe('indicators of markets that hardly move', () => {
  const flat = new Float64Array(40).fill(7);

  it('an index of strength is 50 when nothing moved', () => {
    expect(rsi(flat, 39, { length: 40, period: 14 })).toBe(50);
  });

  it('a flat market has no volatility, no range and no return', () => {
    expect(standardDeviation(flat, 39, 20)).toBe(0);
    expect(atr({ high: flat, low: flat, close: flat }, 39, { length: 40, period: 14 })).toBe(0);
    expect(logReturn(flat, 39, 4)).toBe(0);
  });

  it.each([
    ['nothing was ever traded', 0, 0, 0],
    ['as much as ever', 3, 3, 0],
    ['nothing after something', 3, 0, Math.log(1 / 2)],
  ])('a volume ratio when %s', (_name, usual, last, expected) => {
    const volumes = new Float64Array(20).fill(usual);
    volumes[19] = last;
    expect(volumeRatio(volumes, 19, 20)).toBeCloseTo(expected, 1);
  });
});
