/** A replay of two symbols for tests, and the signals that it must give. */
import type { MarketCandle, Signal } from '@kairos/schema';
import { encodeSignal, TOPICS, writeTrainingCounts } from '@kairos/schema';
import { createSignalFold } from '../signal-fold.js';
import type { Harness } from './harness.fixture.js';
import { countOf, createHarness, textOf } from './harness.fixture.js';
import { trendingMarket } from './market.fixture.js';

export const WORLD = 'REPLAY:test';
const TRAINING = 400;

export const ofSymbol = (symbol: string, candles: number, seed: number): MarketCandle[] =>
  trendingMarket({ symbol, candles, seed, interval: '1h' });

/** Two symbols in order of close time and symbol. */
function twoSymbols(candles: number): MarketCandle[] {
  const btc = ofSymbol('BTCUSDT', candles, 1);
  const eth = ofSymbol('ETHUSDT', candles, 2);
  return btc.flatMap((candle, i) => [{ ...candle, last: false }, eth[i]!]);
}

/** The signals of these candles, as text. */
export function expectedOf(candles: readonly MarketCandle[], training = TRAINING): string[] {
  const fold = createSignalFold({ costs: 0.002, trainingCandlesOf: () => training });
  const signals = candles.map((candle) => fold.take(candle)).filter((signal): signal is Signal => signal !== null);
  return signals.map((signal) => Buffer.from(encodeSignal(signal)).toString());
}

export async function newWorld(options: Partial<Parameters<typeof createHarness>[0]> = {}): Promise<Harness> {
  const harness = createHarness({ world: WORLD, symbols: 'BTCUSDT,ETHUSDT', ...options });
  await writeTrainingCounts(harness.store.app.facts, WORLD, { BTCUSDT: TRAINING, ETHUSDT: TRAINING });
  return harness;
}

export const published = async (harness: Harness): Promise<string[]> =>
  (await harness.records(TOPICS.signals)).map(textOf);
export const untilPublished = (harness: Harness, count: number): Promise<void> =>
  harness.until(async () => (await countOf(harness.bus, TOPICS.signals)) >= count);

export const candles = twoSymbols(900);
export const expected = expectedOf(candles);
