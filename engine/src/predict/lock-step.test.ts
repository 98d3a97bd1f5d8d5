import { LOCK_STEP_PARTITION, TOPICS } from '@kairos/schema';
import { describe, expect, it, vi } from 'vitest';
import { HORIZON_CANDLES, MEMORY_CANDLES } from './limits.js';
import { createHarness, textOf } from './testing/harness.fixture.js';
import {
  candles,
  expected,
  expectedOf,
  newWorld,
  ofSymbol,
  published,
  untilPublished,
  WORLD,
} from './testing/replay.fixture.js';

// Thousands of candles take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe('the predictor of a lock-step world', () => {
  it('publishes one signal per candle on the lock-step partition, in the order of the candles', async () => {
    const harness = await newWorld();
    const predictor = harness.predictor();
    await predictor.start();
    await harness.feed(candles);
    await untilPublished(harness, expected.length);
    await predictor.stop();
    await predictor.ended;
    const records = await harness.records(TOPICS.signals);
    expect(records.map(textOf)).toEqual(expected);
    expect(new Set(records.map(({ partition }) => partition))).toEqual(new Set([LOCK_STEP_PARTITION]));
    expect(records.slice(0, 2).map(({ key }) => key)).toEqual(['BTCUSDT', 'ETHUSDT']);
  });

  it.each([
    ['one candle at a time', Array.from({ length: 40 }, (_, i) => i + 1)],
    ['inside a pair of candles', [901, 1_203]],
    ['in training and after it', [100, 799, 800, 801, 1_500]],
  ])('stopped and started again %s, publishes the same bytes without a gap or a repetition', async (_name, places) => {
    const harness = await newWorld();
    let fed = 0;
    for (const place of [...places, candles.length]) {
      const predictor = harness.predictor();
      await harness.feed(candles.slice(fed, place));
      await predictor.start();
      await untilPublished(harness, place);
      await predictor.stop();
      fed = place;
    }
    expect(await published(harness)).toEqual(expected);
  });

  it('counts symbols without a known file as trained on for 2,000 candles', async () => {
    const harness = createHarness({ world: 'SIMULATOR' });
    const market = ofSymbol('BTCUSDT', 2_100, 3);
    const predictor = harness.predictor();
    await predictor.start();
    await harness.feed(market);
    await untilPublished(harness, market.length);
    await predictor.stop();
    expect(await published(harness)).toEqual(expectedOf(market, 2_000));
  });

  it('passes over repeated candles and candles in progress', async () => {
    const harness = await newWorld();
    const predictor = harness.predictor();
    await predictor.start();
    await harness.feed(candles.slice(0, 100).flatMap((candle) => [{ ...candle, closed: false }, candle, candle]));
    await untilPublished(harness, 100);
    await predictor.stop();
    expect(await published(harness)).toEqual(expected.slice(0, 100));
  });

  it("finds its own signals among others'", async () => {
    const harness = await newWorld();
    await harness.feed(candles.slice(0, 50));
    const first = harness.predictor();
    await first.start();
    await untilPublished(harness, 50);
    await first.stop();
    const foreign = `{"symbol":"BTCUSDT","action":"BUY","confidence":1,"price":1,"time":${Date.UTC(2030, 0, 1)}}`;
    for (let i = 0; i < 30; i++) await harness.put(TOPICS.signals, foreign);
    await harness.put(TOPICS.signals, 'not a signal');
    await harness.feed(candles.slice(50, 60));
    const second = harness.predictor();
    await second.start();
    await untilPublished(harness, 91);
    await second.stop();
    const own = (await published(harness)).filter((text) => text.includes('kairos-predictor'));
    expect(own).toEqual(expected.slice(0, 60));
  });
});

describe('a restart that need not read everything', () => {
  const memory = MEMORY_CANDLES(HORIZON_CANDLES['1h']);
  const long = ofSymbol('BTCUSDT', 2 * memory, 4);
  const all = expectedOf(long);

  it('begins at the kept place and goes on with the same bytes', async () => {
    const harness = await newWorld();
    const first = harness.predictor();
    await first.start();
    const half = long.length - 400;
    await harness.feed(long.slice(0, half));
    await untilPublished(harness, half);
    await first.stop();
    const kept = (await harness.store.app.facts.get(WORLD, 'predictor')) as { offset: number };
    expect(kept.offset).toBeGreaterThan(400);
    expect(kept.offset).toBeLessThanOrEqual(half - memory);
    const second = harness.predictor();
    await second.start();
    await harness.feed(long.slice(half));
    await untilPublished(harness, long.length);
    await second.stop();
    expect(await published(harness)).toEqual(all);
  });

  it('takes the candles that retention has removed from those that the trader took', async () => {
    const asked: number[] = [];
    const harness = await newWorld({
      pricesKept: 600,
      store: (store) => ({
        ...store,
        readModels: {
          ...store.readModels,
          candles: async ({ before, last }) => {
            const taken = long.filter(({ time }) => time < before!).slice(-last);
            asked.push(taken.length);
            return taken;
          },
        },
      }),
    });
    for (let fed = 0; fed < long.length; fed += 500) await harness.feed(long.slice(fed, fed + 500));
    const predictor = harness.predictor();
    const [{ earliest } = { earliest: 0 }] = await harness.bus.offsets(TOPICS.marketData);
    await predictor.start();
    await untilPublished(harness, long.length - earliest);
    await predictor.stop();
    expect(earliest).toBeGreaterThan(memory);
    expect(asked).toEqual([earliest]);
    expect(await published(harness)).toEqual(all.slice(earliest));
  });
});
