import { partitionOf } from '@kairos/ports';
import type { BusFaults } from '@kairos/ports/testing';
import { createBusFaults } from '@kairos/ports/testing';
import type { MarketCandle } from '@kairos/schema';
import { closeTimeOf, formatPrice, MINUTE_MS, readInstruments } from '@kairos/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeExchange } from '../testing/fake-exchange.js';
import { startFakeExchange } from '../testing/fake-exchange.js';
import type { Rig } from '../testing/rig.js';
import { configOf, createRig, NOW } from '../testing/rig.js';
import { createExchangeFeed } from './feed.js';
import { ExchangeConfigError } from '../errors.js';

const MINUTE = NOW - (NOW % MINUTE_MS);
const MANY = ['ADAUSDT', 'BNBUSDT', 'BTCUSDT', 'DOTUSDT', 'ETHUSDT', 'SOLUSDT', 'XRPUSDT'];
/** Grows by 0.01 a second from 100 at the test's minute. */
const priceAt = (time: number) => 100 + Math.floor((time - MINUTE) / 1_000) / 100;

/** ccxt spaces its requests by the machine's clock. */
const TIMEOUT_MS = 30_000;

let rig: Rig;
let fake: FakeExchange;
beforeEach(async () => {
  rig = createRig();
  fake = await startFakeExchange({ now: () => rig.clock.now(), symbols: MANY, priceAt });
});
afterEach(() => fake.close());

/** A feed whose rounds the test steps through: time moves only while it waits. */
async function start(variables: Readonly<Record<string, string>> = {}, faults?: BusFaults) {
  const config = configOf({ SYMBOLS: 'BTCUSDT,ETHUSDT', FEED: 'binance', FEED_URL: fake.url, ...variables });
  const deps = rig.deps(faults);
  let isWaiting = false;
  const clock: typeof deps.clock = {
    ...deps.clock,
    async sleep(ms, signal) {
      isWaiting = true;
      await deps.clock.sleep(ms, signal);
      isWaiting = false;
    },
  };
  const feed = createExchangeFeed({ ...deps, clock }, { exchange: 'binance', config, world: 'EXCHANGE:binance' });
  await feed.prepare();
  const stop = new AbortController();
  const done = feed.run(stop.signal);
  await rig.until(() => isWaiting);
  return {
    feed,
    done,
    /** Lets time pass, `step` seconds at a time: each step is one round at the least. */
    async seconds(count: number, step = 1) {
      for (let second = 0; second < count; second += step) {
        await rig.clock.advance(step * 1_000);
        await rig.until(() => isWaiting);
      }
    },
    stop: async () => (stop.abort(), done),
  };
}

const of = async (symbol: string, closed: boolean) =>
  (await rig.candles()).filter((candle) => candle.symbol === symbol && candle.closed === closed);

const minutesOf = (candles: readonly MarketCandle[]) => candles.map(({ time }) => (time - MINUTE) / MINUTE_MS);

describe('live prices', { timeout: TIMEOUT_MS }, () => {
  it('come about once a second for every symbol, as the candle in progress', async () => {
    const feed = await start();
    await feed.seconds(10);
    for (const symbol of ['BTCUSDT', 'ETHUSDT']) {
      const moving = await of(symbol, false);
      const seconds = new Set(moving.map(({ at }) => at));
      expect(seconds.size).toBe(11);
      expect(moving.at(-1)).toMatchObject({ time: MINUTE, interval: '1m', source: 'binance', last: false });
      expect(formatPrice(moving.at(-1)!.close)).toBe('100.4');
      expect(moving.at(-1)!.at).toBe(NOW + 10_000);
    }
    expect(feed.feed.status()).toMatchObject({ healthy: true, worldTime: NOW + 10_000, endedAt: null });
    await feed.stop();
  });

  it('are keyed by symbol', async () => {
    const feed = await start();
    await feed.stop();
    const reader = await rig.bus.read({
      from: [{ topic: 'crypto.market_data', partition: partitionOf('ETHUSDT', 8), position: 'earliest' }],
    });
    const keys = (await reader.poll(100, 0)).map(({ key }) => key);
    expect(keys.length).toBeGreaterThan(0);
    expect(new Set(keys)).toEqual(new Set(['ETHUSDT']));
  });

  it.each([
    ['BTCUSDT,ETHUSDT', 2],
    [MANY.join(','), 2],
  ])('of %s cost %i requests a second', async (SYMBOLS, perSecond) => {
    const feed = await start({ SYMBOLS });
    await feed.seconds(1);
    const before = fake.requests.length;
    await feed.seconds(3);
    expect(fake.requests.length - before).toBe(3 * perSecond);
    await feed.stop();
  });

  it('of many symbols follow the last trade, and the candle as it was read', async () => {
    const feed = await start({ SYMBOLS: MANY.join(',') });
    await feed.seconds(3);
    for (const symbol of MANY) {
      const newest = (await of(symbol, false)).at(-1)!;
      expect([newest.open, newest.high, newest.close].map(formatPrice)).toEqual(['100', '100.33', '100.33']);
    }
    await feed.stop();
  });
});

describe('closed candles', { timeout: TIMEOUT_MS }, () => {
  it('come once each and in order, only those that closed within MAX_SIGNAL_AGE_SECONDS at the start', async () => {
    const feed = await start();
    await feed.seconds(100, 5);
    const closed = await of('BTCUSDT', true);
    expect(minutesOf(closed)).toEqual([-2, -1, 0, 1]);
    expect(closed.map((candle) => candle.at)).toEqual(closed.map(closeTimeOf));
    expect(formatPrice(closed.at(-1)!.close)).toBe('101.19');
    await feed.stop();
  });

  it('are not repeated after a restart', async () => {
    const first = await start();
    await first.seconds(40, 5);
    await first.stop();
    const second = await start();
    await second.seconds(60, 5);
    await second.stop();
    expect(minutesOf(await of('BTCUSDT', true))).toEqual([-2, -1, 0, 1]);
  });

  it.each([
    [90, [-2, -1, 0, 1]],
    [600, [-2, -1, 8, 9]],
  ])('missed in an outage of %i s come in order where they are young enough', async (seconds, minutes) => {
    const feed = await start();
    fake.cutOff(true);
    await feed.seconds(seconds, 10);
    expect(feed.feed.status().healthy).toBe(false);
    fake.cutOff(false);
    await feed.seconds(7);
    expect(minutesOf(await of('ETHUSDT', true))).toEqual(minutes);
    expect(feed.feed.status().healthy).toBe(true);
    await feed.stop();
  });

  it('that the bus did not take are published as soon as it does', async () => {
    const faults = createBusFaults(() => 0);
    const feed = await start({}, faults);
    await feed.seconds(25, 5);
    faults.down(true);
    await feed.seconds(20);
    expect(feed.feed.status().healthy).toBe(false);
    faults.down(false);
    await feed.seconds(6);
    expect(minutesOf(await of('BTCUSDT', true))).toEqual([-2, -1, 0]);
    expect(feed.feed.status().healthy).toBe(true);
    await feed.stop();
  });

  it('come after a look that broke off half-way', async () => {
    const feed = await start({ SYMBOLS: MANY.join(',') });
    await feed.seconds(28, 14);
    for (const status of [500, 502, 500]) fake.fail({ status });
    await feed.seconds(12, 2);
    for (const symbol of MANY) expect(minutesOf(await of(symbol, true))).toEqual([-2, -1, 0]);
    await feed.stop();
  });
});

describe('an exchange that does not answer as it should', { timeout: TIMEOUT_MS }, () => {
  it('from the start: the feed waits for it', async () => {
    fake.cutOff(true);
    const feed = await start();
    expect(feed.feed.status()).toMatchObject({ healthy: false, worldTime: null });
    await feed.seconds(10);
    fake.cutOff(false);
    await feed.seconds(6);
    expect(feed.feed.status().healthy).toBe(true);
    await feed.stop();
  });

  it('429: is not asked before Retry-After is over', async () => {
    const feed = await start();
    fake.fail({ status: 429, headers: { 'retry-after': '30' } });
    await feed.seconds(1);
    const asked = fake.requests.length;
    await feed.seconds(29, 1);
    expect(fake.requests.length).toBe(asked);
    expect(feed.feed.status().healthy).toBe(false);
    await feed.seconds(2);
    expect(fake.requests.length).toBeGreaterThan(asked);
    expect(feed.feed.status().healthy).toBe(true);
    await feed.stop();
  });

  it('a symbol that it does not trade ends the feed', async () => {
    const config = configOf({ SYMBOLS: 'BTCUSDT,NOPEUSDT', FEED: 'binance', FEED_URL: fake.url });
    const feed = createExchangeFeed(rig.deps(), { exchange: 'binance', config, world: 'EXCHANGE:binance' });
    await feed.prepare();
    await expect(feed.run(new AbortController().signal)).rejects.toBeInstanceOf(ExchangeConfigError);
  });
});

it('instruments are told as the exchange has them', async () => {
  const feed = await start();
  await feed.stop();
  expect(await readInstruments(rig.store.app.facts, 'EXCHANGE:binance')).toMatchObject([
    { symbol: 'BTCUSDT', priceDecimals: 2, amountDecimals: 5 },
    { symbol: 'ETHUSDT', priceDecimals: 2, amountDecimals: 5 },
  ]);
});
