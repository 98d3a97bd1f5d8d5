import type { Candle, Instant, Interval } from '@kairos/schema';
import { INTERVALS, powerOfTen, PRICE_DECIMALS, toNumber } from '@kairos/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Genesis } from './candles.js';
import { createMarket, startMarket } from './candles.js';
import { createPrng, seedPrng } from './prng.js';
import { profileOf } from './profiles.js';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT', 'SHIBUSDT', 'ETHBTC', 'NEWCOINEUR'];
const genesis = (seed: number, interval: Interval = '1m'): Genesis => ({
  seed,
  startsAt: Date.UTC(2026, 0, 1) as Instant,
  interval,
});

function candlesOf(seed: number, count: number, symbols = SYMBOLS, interval: Interval = '1m'): Candle[][] {
  const market = createMarket(genesis(seed, interval), startMarket(seed, symbols));
  return Array.from({ length: count }, () => market.step());
}

const number = (price: bigint) => toNumber(price, PRICE_DECIMALS);
const returnsOf = (candles: readonly Candle[]) =>
  candles.slice(1).map((candle, i) => Math.log(number(candle.close) / number(candles[i]!.close)));

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = (x: readonly number[], mx: number, y: readonly number[], my: number) =>
    x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0);
  return product(a, meanA, b, meanB) / Math.sqrt(product(a, meanA, a, meanA) * product(b, meanB, b, meanB));
}

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('numbers by seed', () => {
  it('are spread evenly from 0 to below 1, and normal where asked', () => {
    fc.assert(
      fc.property(seeds, fc.string(), (seed, label) => {
        const prng = createPrng(seedPrng(seed, label));
        const uniform = Array.from({ length: 4_000 }, prng.uniform);
        const normal = Array.from({ length: 4_000 }, prng.normal);
        expect(uniform.every((value) => value >= 0 && value < 1)).toBe(true);
        expect(uniform.reduce((sum, value) => sum + value, 0) / 4_000).toBeCloseTo(0.5, 1);
        expect(normal.reduce((sum, value) => sum + value * value, 0) / 4_000).toBeGreaterThan(0.85);
        expect(normal.reduce((sum, value) => sum + value * value, 0) / 4_000).toBeLessThan(1.15);
      }),
      { numRuns: 20 },
    );
  });

  it('go on from a stored state', () => {
    const prng = createPrng(seedPrng(1, 'a'));
    prng.normal();
    const twin = createPrng(JSON.parse(JSON.stringify(prng.state())) as never);
    expect([twin.uniform(), twin.normal()]).toEqual([prng.uniform(), prng.normal()]);
  });
});

describe('every simulated candle', () => {
  it('is consistent, positive, on its tick and on the grid, in every interval', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(...INTERVALS), (seed, interval) => {
        for (const [n, candles] of candlesOf(seed, 300, SYMBOLS, interval).entries()) {
          expect(candles.map(({ symbol }) => symbol)).toEqual([...SYMBOLS].sort());
          for (const { symbol, open, high, low, close, volume } of candles) {
            const tick = powerOfTen(PRICE_DECIMALS - profileOf(symbol).priceDecimals);
            const isFine = low > 0n && low <= open && low <= close && high >= open && high >= close && volume > 0n;
            const isOnTick = [open, high, low, close].every((price) => price % tick === 0n);
            if (!isFine || !isOnTick) expect.fail(`candle ${n} of ${symbol} of seed ${seed}`);
          }
        }
      }),
      { numRuns: 12 },
    );
  });

  it('opens where the one before closed', () => {
    const [symbols] = [candlesOf(5, 500)];
    for (let n = 1; n < symbols.length; n++) {
      expect(symbols[n]!.map(({ open }) => open)).toEqual(symbols[n - 1]!.map(({ close }) => close));
    }
  });
});

describe('the same seed', () => {
  it('gives the same candles, another seed others', () => {
    expect(candlesOf(42, 200)).toEqual(candlesOf(42, 200));
    expect(candlesOf(42, 200)).not.toEqual(candlesOf(43, 200));
  });

  it('gives a symbol the same candles whatever other symbols there are', () => {
    const alone = candlesOf(42, 200, ['ETHUSDT']).flat();
    expect(candlesOf(42, 200).map((candles) => candles.find(({ symbol }) => symbol === 'ETHUSDT'))).toEqual(alone);
  });

  it('goes on from any stored state, and can be moved on without making candles', () => {
    fc.assert(
      fc.property(seeds, fc.nat(80), fc.nat(80), (seed, first, second) => {
        const market = createMarket(genesis(seed), startMarket(seed, SYMBOLS));
        market.skip(first);
        const again = createMarket(genesis(seed), JSON.parse(JSON.stringify(market.state())) as never);
        again.skip(second);
        expect(again.step()).toEqual(candlesOf(seed, first + second + 1).at(-1));
      }),
      { numRuns: 20 },
    );
  });
});

describe('the simulated market looks like one', () => {
  const COUNT = 20_000;
  const market = candlesOf(2026, COUNT, ['BTCUSDT', 'ETHUSDT', 'DOGEUSDT']);
  const [btc, doge, eth] = [0, 1, 2].map((index) => market.map((candles) => candles[index]!));
  const returns = returnsOf(btc!);

  it('symbols move together, not in step', () => {
    expect(correlation(returns, returnsOf(eth!))).toBeGreaterThan(0.3);
    expect(correlation(returns, returnsOf(eth!))).toBeLessThan(0.9);
  });

  it('has trends: half an hour says something about the next one', () => {
    const halves = Array.from({ length: Math.floor(returns.length / 30) }, (_, half) =>
      returns.slice(half * 30, half * 30 + 30).reduce((sum, move) => sum + move, 0),
    );
    expect(correlation(halves.slice(0, -1), halves.slice(1))).toBeGreaterThan(0.2);
  });

  it('has quiet and wild times: the size of a move says something about the next ones', () => {
    const sizes = returns.map(Math.abs);
    expect(correlation(sizes.slice(0, -5), sizes.slice(5))).toBeGreaterThan(0.1);
  });

  it('has jumps: the largest moves are far beyond the usual ones', () => {
    const sizes = returns.map(Math.abs).sort((a, b) => a - b);
    expect(sizes.at(-1)! / sizes[Math.floor(sizes.length / 2)]!).toBeGreaterThan(8);
  });

  it('trades more where prices move more', () => {
    const volumes = btc!.slice(1).map(({ volume }) => toNumber(volume, 8));
    expect(correlation(returns.map(Math.abs), volumes)).toBeGreaterThan(0.3);
  });

  it('stays near home in the long run', () => {
    for (const candles of [btc!, doge!, eth!]) {
      const home = profileOf(candles[0]!.symbol).price;
      const closes = candles.map(({ close }) => number(close));
      expect(Math.max(...closes) / home).toBeLessThan(4);
      expect(Math.min(...closes) / home).toBeGreaterThan(0.25);
    }
  });

  it('moves a minute as real coins do: by 0.02 to 0.3 %', () => {
    const deviation = Math.sqrt(returns.reduce((sum, move) => sum + move * move, 0) / returns.length);
    expect(deviation).toBeGreaterThan(0.0002);
    expect(deviation).toBeLessThan(0.003);
  });
});
