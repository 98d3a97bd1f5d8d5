import { createSeededRandom } from '@kairos/ports/testing';
import type { Candle, Instant, MarketCandle, Signal } from '@kairos/schema';
import { closeTimeOf, encodeSignal, INTERVAL_MS, PREDICTOR_SOURCE } from '@kairos/schema';
import { describe, expect, it, vi } from 'vitest';
import { HORIZON_CANDLES, MEMORY_CANDLES, WARM_UP_CANDLES } from './limits.js';
import type { SignalFold } from './signal-fold.js';
import { createSignalFold } from './signal-fold.js';
import { moved, trendingMarket } from './testing/market.fixture.js';

// Thousands of candles take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const COSTS = 0.002;
const TRAINING = 500;

const newFold = (training = TRAINING): SignalFold =>
  createSignalFold({ costs: COSTS, trainingCandlesOf: () => training });

function signalsOf(candles: readonly Candle[], fold = newFold()): Signal[] {
  return candles.map((candle) => fold.take(candle)).filter((signal) => signal !== null);
}

const bytesOf = (signals: readonly Signal[]): string[] =>
  signals.map((signal) => Buffer.from(encodeSignal(signal)).toString());

const market = trendingMarket({ candles: 2_600, interval: '1h' });
const published = bytesOf(signalsOf(market));

describe('a signal', () => {
  const signals = signalsOf(market);

  it('comes for each closed candle, at its close, with its price and an id of its own', () => {
    expect(signals).toHaveLength(market.length);
    signals.forEach((signal, i) => {
      const closedAt = closeTimeOf(market[i]!);
      expect(signal).toMatchObject({ time: closedAt, price: market[i]!.close, source: PREDICTOR_SOURCE });
      expect(signal.id).toBe(`kairos-predictor:BTCUSDT:${closedAt}`);
      expect(signal.horizonSeconds).toBe(24 * 3_600);
    });
  });

  it('is HOLD with confidence 0 and without votes while a symbol is only trained on', () => {
    for (const { action, confidence, votes } of signals.slice(0, TRAINING)) {
      expect({ action, confidence, votes }).toEqual({ action: 'HOLD', confidence: 0, votes: null });
    }
  });

  it('has votes and a confidence between 0 and 1 afterwards', () => {
    for (const { confidence, votes } of signals.slice(TRAINING)) {
      expect(confidence).toBeGreaterThan(0);
      expect(confidence).toBeLessThan(1);
      expect(votes).not.toBeNull();
    }
  });

  it('is bought and sold on where trends last, at a confidence that trades', () => {
    const sure = (action: string) => signals.filter((each) => each.action === action && each.confidence >= 0.75);
    expect(sure('BUY').length).toBeGreaterThan(20);
    expect(sure('SELL').length).toBeGreaterThan(20);
  });

  it('does not come for a candle in progress, nor twice', () => {
    const fold = newFold();
    expect(fold.take({ ...market[0]!, closed: false })).toBeNull();
    expect(fold.take(market[0]!)).not.toBeNull();
    expect(fold.take(market[0]!)).toBeNull();
    expect(fold.take(market[1]!)).not.toBeNull();
    expect(fold.take(market[0]!)).toBeNull();
    expect(fold.progressOf('BTCUSDT')?.candles).toBe(2);
  });
});

describe('nothing looks ahead', () => {
  const random = createSeededRandom(11);
  const places = Array.from({ length: 6 }, () => 600 + Math.floor(random() * 1_900));

  it.each(places)('whatever happens from candle %d on, signals before it keep every byte', (place) => {
    const share = random() < 0.5 ? -0.2 : 0.2;
    const other = market.map((candle, i) => (i < place ? candle : moved(candle, share)));
    const signals = bytesOf(signalsOf(other));
    expect(signals.slice(0, place)).toEqual(published.slice(0, place));
    expect(signals.slice(place)).not.toEqual(published.slice(place));
  });

  it('a future that is cut off changes nothing either', () => {
    expect(bytesOf(signalsOf(market.slice(0, 2_000)))).toEqual(published.slice(0, 2_000));
  });
});

describe('signals are a function of the candles alone', () => {
  it('the same candles give the same bytes', () => {
    expect(bytesOf(signalsOf(market))).toEqual(published);
  });

  it('other symbols, repeated and unfinished candles in between change nothing', () => {
    const other = trendingMarket({ symbol: 'ETHUSDT', candles: market.length, interval: '1h', seed: 5 });
    const fold = newFold();
    const mixed = market.flatMap((candle, i) => {
      const around = [other[i]!, { ...candle, closed: false }, candle, candle];
      return around.map((each) => fold.take(each)).filter((signal) => signal?.symbol === 'BTCUSDT');
    });
    expect(bytesOf(mixed as Signal[])).toEqual(published);
  });

  it('a fold that begins late gives the same bytes once it has seen what is remembered', () => {
    const long = trendingMarket({ candles: 4_300, interval: '1h', seed: 9 });
    const whole = bytesOf(signalsOf(long));
    const begin = 1_177;
    const late = newFold();
    const { interval } = long[0]!;
    late.restart('BTCUSDT', { candles: begin, closedAt: closeTimeOf(long[begin - 1]!), interval });
    const signals = bytesOf(signalsOf(long.slice(begin), late));
    const memory = MEMORY_CANDLES(HORIZON_CANDLES[interval]);
    expect(signals.slice(memory)).toEqual(whole.slice(begin + memory));
    expect(signals.slice(memory).length).toBeGreaterThan(300);
  });
});

describe('a gap', () => {
  const gapAt = 2_000;
  const withGap = market.filter((_, i) => i < gapAt || i >= gapAt + 7);

  it('silences a symbol until its features need no candle from before it', () => {
    const signals = signalsOf(withGap);
    const silent = signals.slice(gapAt, gapAt + WARM_UP_CANDLES - 1);
    expect(silent.every(({ action, confidence, votes }) => action === 'HOLD' && confidence === 0 && !votes)).toBe(true);
    expect(signals[gapAt + WARM_UP_CANDLES - 1]!.votes).not.toBeNull();
  });

  it('changes no signal before it', () => {
    expect(bytesOf(signalsOf(withGap)).slice(0, gapAt)).toEqual(published.slice(0, gapAt));
  });
});

describe('extreme candles', () => {
  it.each([
    ['prices that never move', (candle: MarketCandle) => ({ ...candle, ...flat })],
    ['a fall to almost nothing', (candle: MarketCandle, i: number) => (i < 1_500 ? candle : moved(candle, -0.999999))],
    ['volumes of nothing', (candle: MarketCandle) => ({ ...candle, volume: 0n as typeof candle.volume })],
  ])('%s give signals that can be sent', (_name, change) => {
    for (const signal of signalsOf(market.slice(0, 2_000).map(change))) {
      expect(Number.isFinite(signal.confidence)).toBe(true);
      expect(Number.isFinite(signal.votes?.linearRegression ?? 0)).toBe(true);
    }
  });

  const first = market[0]!;
  const flat = { open: first.close, high: first.close, low: first.close, close: first.close };

  it('a market that never moves is never traded', () => {
    const signals = signalsOf(market.slice(0, 2_000).map((candle) => ({ ...candle, ...flat })));
    expect(signals.every(({ action }) => action === 'HOLD')).toBe(true);
  });
});

describe('another interval', () => {
  it('begins the statistics anew and goes on counting', () => {
    const fold = newFold();
    signalsOf(market, fold);
    const end = closeTimeOf(market.at(-1)!);
    const minutes = trendingMarket({ candles: 10, interval: '1m', start: end });
    const signals = signalsOf(minutes, fold);
    expect(signals).toHaveLength(10);
    expect(signals.every(({ votes }) => votes === null)).toBe(true);
    expect(signals[0]!.time).toBe((end + INTERVAL_MS['1m']) as Instant);
    expect(fold.progressOf('BTCUSDT')?.candles).toBe(market.length + 10);
  });
});
