import type { MarketCandle, Signal } from '@kairos/schema';
import { decodeDeadLetter, decodeHealth, encodeSignal, LOCK_STEP_PARTITION, TOPICS } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { HORIZON_CANDLES, MEMORY_CANDLES, RETRY_FOR_MS_MAX } from './limits.js';
import { TRAINING_FACT } from './shell/training.js';
import { createSignalFold } from './signal-fold.js';
import type { Harness } from './testing/harness.js';
import { countOf, createHarness, textOf } from './testing/harness.js';
import { trendingMarket } from './testing/market.js';

const WORLD = 'REPLAY:test';
const TRAINING = 400;

const ofSymbol = (symbol: string, candles: number, seed: number): MarketCandle[] =>
  trendingMarket({ symbol, candles, seed, interval: '1h' });

/** Two symbols in order of close time and symbol. */
function twoSymbols(candles: number): MarketCandle[] {
  const btc = ofSymbol('BTCUSDT', candles, 1);
  const eth = ofSymbol('ETHUSDT', candles, 2);
  return btc.flatMap((candle, i) => [{ ...candle, last: false }, eth[i]!]);
}

function expectedOf(candles: readonly MarketCandle[], training = TRAINING): string[] {
  const fold = createSignalFold({ costs: 0.002, trainingCandlesOf: () => training });
  const signals = candles.map((candle) => fold.take(candle)).filter((signal): signal is Signal => signal !== null);
  return signals.map((signal) => Buffer.from(encodeSignal(signal)).toString());
}

async function newWorld(options: Partial<Parameters<typeof createHarness>[0]> = {}): Promise<Harness> {
  const harness = createHarness({ world: WORLD, symbols: 'BTCUSDT,ETHUSDT', ...options });
  await harness.store.app.facts.put(WORLD, TRAINING_FACT, { BTCUSDT: TRAINING, ETHUSDT: TRAINING });
  return harness;
}

const published = async (harness: Harness): Promise<string[]> => (await harness.records(TOPICS.signals)).map(textOf);
const untilPublished = (harness: Harness, count: number): Promise<void> =>
  harness.until(async () => (await countOf(harness.bus, TOPICS.signals)) >= count);

const candles = twoSymbols(900);
const expected = expectedOf(candles);

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

describe('a price that is not valid', () => {
  it('goes to the dead letter once, over restarts too, and holds nothing up', async () => {
    const harness = await newWorld();
    await harness.feed(candles.slice(0, 10));
    await harness.put(TOPICS.marketData, 'garbage');
    await harness.put(TOPICS.marketData, '{"symbol":"BTCUSDT","closed":true}');
    await harness.feed(candles.slice(10, 20));
    for (let start = 0; start < 3; start++) {
      const predictor = harness.predictor();
      await predictor.start();
      await harness.feed(candles.slice(20 + start, 21 + start));
      await untilPublished(harness, 21 + start);
      await predictor.stop();
    }
    await harness.put(TOPICS.marketData, '[]');
    const last = harness.predictor();
    await last.start();
    await harness.until(async () => (await countOf(harness.bus, TOPICS.deadLetter)) === 3);
    await last.stop();
    const letters = (await harness.records(TOPICS.deadLetter)).map((record) => ({
      key: record.key,
      letter: decodeDeadLetter(record.value),
    }));
    expect(letters.map(({ key }) => key)).toEqual([10, 11, 25].map((offset) => `crypto.market_data:0:${offset}`));
    expect(letters[0]!.letter).toMatchObject({ ok: true, value: { value: 'garbage', offset: 10 } });
    expect(await published(harness)).toEqual(expected.slice(0, 23));
  });
});

describe('a bus that fails', () => {
  it('is tried again: nothing is lost and what comes twice is the same', async () => {
    const harness = await newWorld();
    harness.faults.set({ publishFailsBefore: 0.2, publishFailsAfter: 0.2, pollFails: 0.2, pollRepeats: 0.2 });
    const predictor = harness.predictor();
    const starting = predictor.start();
    for (let fed = 0; fed < 600; fed += 20) {
      await harness.feed(candles.slice(fed, fed + 20));
      await harness.untilLater(async () => (await published(harness)).at(-1) === expected[fed + 19]);
    }
    await starting;
    await predictor.stop();
    const texts = await published(harness);
    expect([...new Set(texts)]).toEqual(expected.slice(0, 600));
    expect(texts.length).toBeGreaterThan(600);
  });

  it('that comes back within 10 minutes is waited for', async () => {
    const harness = await newWorld();
    const predictor = harness.predictor();
    await predictor.start();
    harness.faults.down(true);
    await harness.feed(candles.slice(0, 10));
    await harness.clock.advance(RETRY_FOR_MS_MAX / 2);
    expect(await published(harness)).toEqual([]);
    harness.faults.down(false);
    await harness.untilLater(async () => (await countOf(harness.bus, TOPICS.signals)) === 10);
    await predictor.stop();
    expect(await published(harness)).toEqual(expected.slice(0, 10));
  });

  it('that does not come back ends the predictor with its error', async () => {
    const harness = await newWorld();
    const predictor = harness.predictor();
    await predictor.start();
    harness.faults.down(true);
    await harness.feed(candles.slice(0, 10));
    const ended = expect(predictor.ended).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await harness.clock.advance(2 * RETRY_FOR_MS_MAX);
    await ended;
  });

  it('does not keep a predictor from stopping', async () => {
    const harness = await newWorld();
    harness.faults.down(true);
    const predictor = harness.predictor();
    const starting = predictor.start();
    await predictor.stop();
    await starting;
    await predictor.ended;
    await predictor.stop();
  });
});

describe('health', () => {
  it('is told every second: how far it is and what it knows', async () => {
    const harness = await newWorld();
    const predictor = harness.predictor();
    await predictor.start();
    await harness.feed(candles.slice(0, 100));
    await untilPublished(harness, 100);
    await harness.clock.advance(3_000);
    await predictor.stop();
    const reports = await harness.records(TOPICS.health);
    expect(reports.length).toBeGreaterThanOrEqual(3);
    expect(reports.at(-1)!.key).toBe('predictor:test-1');
    expect(decodeHealth(reports.at(-1)!.value)).toMatchObject({
      ok: true,
      value: {
        component: 'predictor',
        instance: 'test-1',
        healthy: true,
        detail: 'trained on 100 candles of 2 symbols',
        lag: 0,
        worldTime: candles[99]!.at,
      },
    });
  });

  it('is bad while the bus does not take signals', async () => {
    const harness = await newWorld();
    const predictor = harness.predictor();
    await predictor.start();
    harness.faults.down(true);
    await harness.feed(candles.slice(0, 10));
    await harness.clock.advance(20_000);
    harness.faults.down(false);
    harness.faults.set({ pollFails: 1 });
    await harness.clock.advance(20_000);
    await predictor.stop();
    const last = decodeHealth((await harness.records(TOPICS.health)).at(-1)!.value);
    expect(last).toMatchObject({ ok: true, value: { healthy: false, detail: expect.stringContaining('read prices') } });
  });
});
