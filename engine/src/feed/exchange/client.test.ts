import { createMemoryLog, createSeededRandom, createSimulatedClock } from '@kairos/ports/testing';
import type { Instant } from '@kairos/schema';
import { formatPrice, MINUTE_MS } from '@kairos/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FakeExchange } from '../testing/fake-exchange.js';
import { startFakeExchange } from '../testing/fake-exchange.js';
import { configOf, NOW } from '../testing/rig.js';
import { createExchangeClient } from './client.js';
import { createHistory, HISTORY_CANDLES } from './history.js';
import { ExchangeConfigError } from '../errors.js';

const MINUTE = (NOW - (NOW % MINUTE_MS)) as Instant;
const clockAt = () => createSimulatedClock(NOW);

let fake: FakeExchange;
beforeEach(async () => {
  const priceAt = (time: number) => 100 + ((time / MINUTE_MS) % 1_000) / 100;
  fake = await startFakeExchange({ now: () => NOW, symbols: ['BTCUSDT', 'ETHUSDT'], priceAt });
});
afterEach(() => fake.close());

const connect = (clock = clockAt()) => createExchangeClient(clock, { exchange: 'binance', url: new URL(fake.url) });

/** Fails with what happened. */
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no failure',
    (error: unknown) => error as { kind: string; until: number | null },
  );

describe('an exchange of ccxt', () => {
  it('is asked under FEED_URL and nowhere else', async () => {
    const client = await connect();
    await client.candles('BTCUSDT', { interval: '1m', since: MINUTE, count: 5 });
    expect(fake.requests.map((request) => request.split('?')[0])).toEqual(['/api/v3/exchangeInfo', '/api/v3/klines']);
  });

  it('tells its instruments', async () => {
    const client = await connect();
    expect(await client.instruments(['ETHUSDT'])).toEqual([
      {
        symbol: 'ETHUSDT',
        base: 'ETH',
        quote: 'USDT',
        priceDecimals: 2,
        amountDecimals: 5,
        minOrderValue: 500_000_000n,
      },
    ]);
  });

  it('that ccxt does not know is refused', async () => {
    const unknown = createExchangeClient(clockAt(), { exchange: 'nosuchplace', url: null });
    await expect(unknown).rejects.toBeInstanceOf(ExchangeConfigError);
  });

  it('that does not trade a symbol says so', async () => {
    const client = await connect();
    await expect(client.instruments(['NOPEUSDT'])).rejects.toBeInstanceOf(ExchangeConfigError);
  });

  it('gives last prices and the difference of the clocks', async () => {
    const clock = clockAt();
    clock.jump(-3_000);
    const client = await connect(clock);
    const prices = await client.lastPrices(['BTCUSDT']);
    expect([...prices].map(([symbol, price]) => [symbol, formatPrice(price).slice(0, 2)])).toEqual([['BTCUSDT', '10']]);
    expect(await client.clockOffsetMs()).toBe(3_000);
  });
});

describe('failures', () => {
  it.each([
    ['429 with Retry-After', { status: 429, headers: { 'retry-after': '7' } }, 'LIMITED', 7_000],
    ['429 without', { status: 429 }, 'LIMITED', 10_000],
    ['418 with the end of the ban', { status: 418, body: `{"msg":"banned until ${NOW + 60_000}"}` }, 'BANNED', 61_000],
    ['418 with Retry-After', { status: 418, headers: { 'retry-after': '30' } }, 'BANNED', 31_000],
    ['500', { status: 500 }, 'TRANSIENT', null],
    ['503', { status: 503, headers: { 'retry-after': '3' } }, 'TRANSIENT', 3_000],
    ['451', { status: 451 }, 'REFUSED', 60_000],
    ['a clock that is off', { status: 400, body: '{"code":-1021,"msg":"Timestamp"}' }, 'REFUSED', 60_000],
    ['a page instead of an answer', { status: 200, body: '<html>' }, 'TRANSIENT', null],
  ])('%s', async (_, fault, kind, waitMs) => {
    const client = await connect();
    await client.instruments(['BTCUSDT']);
    fake.fail(fault);
    const failure = await failureOf(client.clockOffsetMs());
    expect(failure).toMatchObject({ kind, until: waitMs === null ? null : NOW + waitMs });
  });

  it.each(['<html>', '{}', '[]'])('markets that are %s are asked for again', async (body) => {
    const client = await connect();
    fake.fail({ status: 200, body });
    expect(await failureOf(client.instruments(['BTCUSDT']))).toMatchObject({ kind: 'TRANSIENT' });
    expect(await client.instruments(['BTCUSDT'])).toMatchObject([{ symbol: 'BTCUSDT' }]);
  });

  it('no connection is passing', async () => {
    const client = await connect();
    fake.cutOff(true);
    expect(await failureOf(client.clockOffsetMs())).toMatchObject({ kind: 'TRANSIENT', until: null });
  });

  it.each([
    [{ status: 429, headers: { 'retry-after': '7' } }, 7_000],
    [{ status: 418, body: `{"msg":"banned until ${NOW + 60_000}"}` }, 61_000],
  ])('after %o nothing is asked before the time has come', async (fault, waitMs) => {
    const clock = clockAt();
    const client = await connect(clock);
    fake.fail(fault);
    await failureOf(client.clockOffsetMs());
    const asked = fake.requests.length;
    await clock.advance(waitMs - 1);
    await failureOf(client.clockOffsetMs());
    expect(fake.requests.length).toBe(asked);
    await clock.advance(1);
    await client.clockOffsetMs();
    expect(fake.requests.length).toBe(asked + 1);
  });
});

describe('history', () => {
  const historyOf = (clock = clockAt()) => {
    const deps = { clock, log: createMemoryLog(), random: createSeededRandom(1) };
    return createHistory(deps, configOf({ FEED: 'binance', FEED_URL: fake.url }))!;
  };

  it('is the last 1,000 closed candles, oldest first', async () => {
    const candles = await historyOf()('BTCUSDT');
    expect(candles.length).toBe(HISTORY_CANDLES);
    expect(candles.every(({ closed }) => closed)).toBe(true);
    expect(candles.at(-1)!.time).toBe(MINUTE - MINUTE_MS);
    expect(candles[0]!.time).toBe(MINUTE - HISTORY_CANDLES * MINUTE_MS);
  });

  it('is fetched again after passing failures, with growing pauses', async () => {
    const pauses: number[] = [];
    const sleep = (ms: number): Promise<void> => {
      pauses.push(ms);
      return Promise.resolve();
    };
    fake.fail({ status: 502 }, 3);
    const candles = await historyOf({ ...clockAt(), sleep })('BTCUSDT');
    expect(candles.length).toBe(HISTORY_CANDLES);
    expect(pauses).toHaveLength(3);
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
  });

  it('is given up where the exchange refuses', async () => {
    fake.fail({ status: 451 });
    expect(await failureOf(historyOf()('BTCUSDT'))).toMatchObject({ kind: 'REFUSED' });
  });

  it.each(['simulator', 'auto'])('comes over the bus with FEED=%s', (FEED) => {
    const deps = { clock: clockAt(), log: createMemoryLog(), random: () => 0 };
    expect(createHistory(deps, configOf({ FEED }))).toBeNull();
  });
});
