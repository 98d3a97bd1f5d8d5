import { partitionOf } from '@kairos/ports';
import type { Candle, MarketCandle } from '@kairos/schema';
import { closeTimeOf, decodeSignal, MINUTE_MS, TOPICS } from '@kairos/schema';
import { describe, expect, it, vi } from 'vitest';
import { HISTORY_INTERVAL_MS } from './limits.js';
import type { Harness } from './testing/harness.fixture.js';
import { countOf, createHarness } from './testing/harness.fixture.js';
import { trendingMarket } from './testing/market.fixture.js';

// Thousands of candles take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const WORLD = 'EXCHANGE:binance';
const HISTORY = 700;

const market = new Map(
  ['BTCUSDT', 'ETHUSDT'].map((symbol, i) => [symbol, trendingMarket({ symbol, candles: 800, seed: i + 1 })]),
);
const btc = market.get('BTCUSDT')!;
const eth = market.get('ETHUSDT')!;
/** The clock when candle `i` has just closed. */
const closeOf = (i: number): number => closeTimeOf(btc[i]!);

/** An exchange that knows candles up to its clock; `failing` makes it fail. */
function createExchange(harness: () => Harness) {
  const calls: string[] = [];
  const exchange = {
    calls,
    isFailing: false,
    async history(symbol: string): Promise<readonly Candle[]> {
      calls.push(symbol);
      if (exchange.isFailing) throw new Error('451 unavailable');
      return market.get(symbol)!.filter((candle) => closeTimeOf(candle) <= harness().clock.now());
    },
  };
  return exchange;
}

function newWorld(symbols = 'BTCUSDT,ETHUSDT') {
  const exchange = createExchange(() => harness);
  const harness: Harness = createHarness({
    world: WORLD,
    symbols,
    start: closeOf(HISTORY - 1),
    history: exchange.history,
  });
  return { harness, exchange };
}

async function signalsOf(harness: Harness) {
  return (await harness.records(TOPICS.signals)).map((record) => {
    const decoded = decodeSignal(record.value, record);
    if (!decoded.ok) throw new Error(decoded.error.reason);
    return { ...decoded.value, partition: record.partition };
  });
}

async function feedAndWait(harness: Harness, candles: readonly MarketCandle[], count: number): Promise<void> {
  await harness.feed(candles, 'by symbol');
  await harness.until(async () => (await countOf(harness.bus, TOPICS.signals)) >= count);
}

describe('the predictor of an exchange', () => {
  it('trains on history, publishes nothing of it, and has an opinion on the first candle', async () => {
    const { harness, exchange } = newWorld();
    const predictor = harness.predictor();
    await predictor.start();
    expect(exchange.calls).toEqual(['BTCUSDT', 'ETHUSDT']);
    await harness.clock.advance(MINUTE_MS);
    await feedAndWait(harness, [btc[HISTORY]!, eth[HISTORY]!], 2);
    await predictor.stop();
    const signals = await signalsOf(harness);
    expect(new Set(signals.map(({ symbol, time }) => `${symbol} ${time}`))).toEqual(
      new Set([`BTCUSDT ${closeOf(HISTORY)}`, `ETHUSDT ${closeOf(HISTORY)}`]),
    );
    for (const { symbol, votes, partition } of signals) {
      expect(votes).not.toBeNull();
      expect(partition).toBe(partitionOf(symbol, 8));
    }
  });

  it('publishes a fresh candle that history knew before the bus brought it, once', async () => {
    const { harness } = newWorld('BTCUSDT');
    const last = btc[HISTORY - 1]!;
    for (let start = 0; start < 2; start++) {
      const predictor = harness.predictor();
      await predictor.start();
      await harness.feed([last, last], 'by symbol');
      await harness.until(async () => (await countOf(harness.bus, TOPICS.signals)) > 0);
      await predictor.stop();
    }
    expect((await signalsOf(harness)).map(({ time }) => time)).toEqual([closeTimeOf(last)]);
  });

  it('publishes nothing for a candle that closed longer ago than a signal may be old', async () => {
    const { harness } = newWorld('BTCUSDT');
    const predictor = harness.predictor();
    await predictor.start();
    await harness.clock.advance(4 * MINUTE_MS);
    await feedAndWait(harness, btc.slice(HISTORY, HISTORY + 4), 3);
    await predictor.stop();
    const times = (await signalsOf(harness)).map(({ time }) => time);
    expect(times).toEqual([closeOf(HISTORY + 1), closeOf(HISTORY + 2), closeOf(HISTORY + 3)]);
  });

  it('fills a hole in what the bus brought from history', async () => {
    const { harness, exchange } = newWorld('BTCUSDT');
    const predictor = harness.predictor();
    await predictor.start();
    await harness.clock.advance(HISTORY_INTERVAL_MS);
    const after = btc[HISTORY + 9]!;
    await feedAndWait(harness, [after], 1);
    await predictor.stop();
    expect(exchange.calls).toEqual(['BTCUSDT', 'BTCUSDT']);
    expect((await signalsOf(harness))[0]).toMatchObject({
      time: closeTimeOf(after),
      votes: { knn: expect.any(Number) },
    });
  });

  it('learns from the bus alone where history cannot be had', async () => {
    const { harness, exchange } = newWorld('BTCUSDT');
    exchange.isFailing = true;
    const predictor = harness.predictor();
    await predictor.start();
    await feedAndWait(harness, [btc[HISTORY - 1]!], 1);
    await predictor.stop();
    expect(await signalsOf(harness)).toMatchObject([{ action: 'HOLD', confidence: 0, votes: null }]);
  });

  it('stops while history hangs', async () => {
    const harness = createHarness({
      world: WORLD,
      history: () => new Promise(() => undefined),
      start: closeOf(HISTORY - 1),
    });
    const predictor = harness.predictor();
    const starting = predictor.start();
    await predictor.stop();
    await starting;
    await predictor.ended;
  });

  it('shares the symbols with another, and goes on alone when that one leaves', async () => {
    const { harness } = newWorld();
    const two = [harness.predictor(), harness.predictor()] as const;
    for (const predictor of two) await predictor.start();
    await harness.clock.advance(2_000);
    await harness.feed([btc[HISTORY - 1]!, eth[HISTORY - 1]!], 'by symbol');
    await harness.untilLater(async () => (await countOf(harness.bus, TOPICS.signals)) === 2);
    await two[1].stop();
    await harness.clock.advance(MINUTE_MS);
    await harness.feed([btc[HISTORY]!, eth[HISTORY]!], 'by symbol');
    await harness.untilLater(async () => (await countOf(harness.bus, TOPICS.signals)) === 4);
    await two[0].stop();
    const ids = (await signalsOf(harness)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
    expect((await signalsOf(harness)).every(({ votes }) => votes !== null)).toBe(true);
  });
});
