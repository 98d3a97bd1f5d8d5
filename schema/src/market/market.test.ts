import { describe, expect, it } from 'vitest';
import { INTERVAL_MS, parseInterval } from './interval.js';
import { currenciesOf, parseSymbol } from './symbol.js';
import { feedKindOf, isLockStep, worldSlug } from './world.js';

describe('a symbol', () => {
  it.each(['BTCUSDT', 'AB', '1INCHUSDT', 'A'.repeat(20)])('may be %s', (symbol) => {
    expect(parseSymbol(symbol)).toBe(symbol);
  });

  it.each(['A', 'A'.repeat(21), 'btcusdt', 'BTC/USDT', 'BTC-USDT', ' BTC', '', '__proto__', null, 5, ['BTC']])(
    'may not be %j',
    (input) => {
      expect(() => parseSymbol(input)).toThrow('expected a symbol');
    },
  );

  it.each([
    ['BTCUSDT', 'BTC', 'USDT'],
    ['BTCFDUSD', 'BTC', 'FDUSD'],
    ['ETHBTC', 'ETH', 'BTC'],
    ['BTCUSD', 'BTC', 'USD'],
    ['BTC', 'BTC', 'USDT'],
    ['USDT', 'USDT', 'USDT'],
  ])('%s trades %s for %s', (symbol, base, quote) => {
    expect(currenciesOf(symbol)).toEqual({ base, quote });
  });
});

it.each([
  ['1m', 60_000],
  ['5m', 300_000],
  ['15m', 900_000],
  ['1h', 3_600_000],
  ['4h', 14_400_000],
  ['1d', 86_400_000],
])('an interval of %s lasts %s ms', (text, ms) => {
  expect(INTERVAL_MS[parseInterval(text)]).toBe(ms);
});

it.each(['1M', '3m', '60', '', 'constructor', null])('%j is no interval', (input) => {
  expect(() => parseInterval(input)).toThrow('expected an interval, one of 1m 5m 15m 1h 4h 1d');
});

describe('a world', () => {
  it.each([
    ['EXCHANGE:binance', 'EXCHANGE', false, 'exchange-binance'],
    ['REPLAY:0a1b', 'REPLAY', true, 'replay-0a1b'],
    ['SIMULATOR', 'SIMULATOR', true, 'simulator'],
  ])('%s is of the kind %s', (world, kind, lockStep, slug) => {
    expect([feedKindOf(world), isLockStep(world), worldSlug(world)]).toEqual([kind, lockStep, slug]);
  });

  it.each(['', 'binance', 'SIMULATORS'])('%j is none', (world) => {
    expect(() => feedKindOf(world)).toThrow('expected a world');
  });
});
