import type { MarketCandle, Signal } from '@kairos/schema';
import { PRICE_DECIMALS, toNumber } from '@kairos/schema';
import { describe, expect, it, vi } from 'vitest';
import type { JudgedSignal } from './evaluation.js';
import { bucketsOf, cameRight } from './evaluation.js';
import { HORIZON_CANDLES } from './limits.js';
import { createSignalFold } from './signal-fold.js';
import { hasRealData, realCandles, trendingMarket } from './testing/market.fixture.js';

// Thousands of candles take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const COSTS = 0.002;

describe('a signal came right', () => {
  const judged = (action: 'BUY' | 'SELL', closes: number[]): JudgedSignal => ({
    action,
    confidence: 0.8,
    price: 100,
    closes,
  });
  it.each<[string, JudgedSignal, boolean]>([
    ['BUY, and a close paid both commissions', judged('BUY', [99, 100.2, 98]), true],
    ['BUY, and no close paid both commissions', judged('BUY', [100.1, 100.19]), false],
    ['SELL, and a close fell by both commissions', judged('SELL', [101, 99.8, 102]), true],
    ['SELL, and no close fell by both commissions', judged('SELL', [99.9, 99.81]), false],
  ])('%s: %#', (_name, signal, expected) => {
    expect(cameRight(signal, COSTS)).toBe(expected);
  });

  it('is counted by action and confidence', () => {
    const buckets = bucketsOf([judged('BUY', [101]), judged('BUY', [99]), judged('SELL', [99])], COSTS);
    expect(buckets).toMatchObject([
      { action: 'BUY', signals: 2, hitRate: 0.5, endedRight: 0.5, meanReturn: 0 },
      { action: 'SELL', signals: 1, hitRate: 1, endedRight: 1 },
    ]);
    expect(buckets[0]!.from).toBeCloseTo(0.8, 12);
  });
});

function judge(candles: readonly MarketCandle[]): JudgedSignal[] {
  const fold = createSignalFold({ costs: COSTS, trainingCandlesOf: () => 2_000 });
  const signals = candles.map((candle) => fold.take(candle)).filter((signal): signal is Signal => signal !== null);
  const closes = candles.map(({ close }) => toNumber(close, PRICE_DECIMALS));
  const horizon = HORIZON_CANDLES[candles[0]!.interval];
  return signals.slice(2_000, -horizon).map(({ action, confidence }, i) => ({
    action,
    confidence,
    price: closes[2_000 + i]!,
    closes: closes.slice(2_001 + i, 2_001 + i + horizon),
  }));
}

/** Confidence claimed and share that came right, of signals that are sure enough to be traded on. */
function sureOf(signals: readonly JudgedSignal[], action: 'BUY' | 'SELL') {
  const sure = signals.filter((signal) => signal.action === action && signal.confidence >= 0.75);
  const claimed = sure.reduce((sum, { confidence }) => sum + confidence, 0) / sure.length;
  const right = sure.filter((signal) => cameRight(signal, COSTS)).length / sure.length;
  return { count: sure.length, claimed, right };
}

describe('where trends last, signals are better than they say', () => {
  const signals = judge(trendingMarket({ candles: 8_000, interval: '1h' }));
  it.each(['BUY', 'SELL'] as const)('%s at 0.75 or more', (action) => {
    const { count, claimed, right } = sureOf(signals, action);
    expect(count).toBeGreaterThan(100);
    expect(right).toBeGreaterThan(claimed);
    const sure = bucketsOf(signals, COSTS).filter((bucket) => bucket.action === action && bucket.from > 0.74);
    const endedRight = sure.reduce((sum, bucket) => sum + bucket.endedRight * bucket.signals, 0) / count;
    expect(endedRight).toBeGreaterThan(0.7);
  });
});

describe.skipIf(!hasRealData())('on real candles', () => {
  const files = [
    ['btcusdt-1h-201708-202408.csv.gz', 'BTCUSDT', '1h'],
    ['btcusdt-5m-202401-202408.csv.gz', 'BTCUSDT', '5m'],
    ['ethusdt-5m-202401-202408.csv.gz', 'ETHUSDT', '5m'],
    ['adausdt-5m-202401-202408.csv.gz', 'ADAUSDT', '5m'],
    ['solusdt-5m-202401-202408.csv.gz', 'SOLUSDT', '5m'],
  ] as const;
  const judged = new Map<string, readonly JudgedSignal[]>();
  const judgedOf = ([file, symbol, interval]: readonly [string, string, '1h' | '5m']): readonly JudgedSignal[] => {
    const signals = judged.get(file) ?? judge(realCandles(file, { symbol, interval, max: 10_000 }));
    judged.set(file, signals);
    return signals;
  };

  it.each(files)('%s brings signals that are sure enough to trade on', (...file) => {
    expect(sureOf(judgedOf(file), 'BUY').count).toBeGreaterThan(100);
    expect(sureOf(judgedOf(file), 'SELL').count).toBeGreaterThan(100);
  });

  it.each(['BUY', 'SELL'] as const)('the confidence of %s is the share that comes right', (action) => {
    const { claimed, right } = sureOf(files.flatMap(judgedOf), action);
    expect(Math.abs(claimed - right)).toBeLessThan(0.1);
  });
});
