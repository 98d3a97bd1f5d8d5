import type { Instant } from '@kairos/schema';
import { TRAINING_CANDLES } from '@kairos/schema';
import { expect, it } from 'vitest';
import { createSignalFold } from '../../predict/index.js';
import { createMarket, startMarket } from './candles.js';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT'];
const COSTS = 0.002;
const CONFIDENCE = 0.75;
/** At the demonstration's speed: one a second. */
const CANDLES_PER_MINUTE = 60;

/** Whether the predictor finds something to buy within a minute after its training. */
function hasSignal(seed: number): boolean {
  const fold = createSignalFold({ costs: COSTS, trainingCandlesOf: () => TRAINING_CANDLES });
  const startsAt = Date.UTC(2026, 0, 1) as Instant;
  const market = createMarket({ seed, startsAt, interval: '1m' }, startMarket(seed, SYMBOLS));
  for (let candles = 0; candles < TRAINING_CANDLES + CANDLES_PER_MINUTE; candles++) {
    for (const candle of market.step()) {
      const signal = fold.take(candle);
      if (signal?.action === 'BUY' && signal.confidence >= CONFIDENCE) return true;
    }
  }
  return false;
}

it('the predictor learns enough from the simulated market to buy within the first minute of a demonstration', () => {
  expect([1, 2, 3, 4].filter(hasSignal).length).toBeGreaterThanOrEqual(3);
}, 60_000);
