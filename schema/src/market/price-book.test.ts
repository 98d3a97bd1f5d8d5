import { describe, expect, it } from 'vitest';
import { parsePrice, parseRate } from '../value/decimal.js';
import { addMs, MINUTE_MS, parseInstant } from '../value/instant.js';
import type { PriceBook } from './price-book.js';
import { emptyPriceBook, isFreshMarket, isWithinBand, withMarketPrice, withSignalPrice } from './price-book.js';

const T0 = parseInstant('2024-08-08T00:00Z');
const BAND = parseRate('0.2');
const known = (price: string, minutes: number) => ({
  price: parsePrice(price),
  at: addMs(T0, minutes * MINUTE_MS),
});
const signal = (book: PriceBook, price: string, minutes: number, nowMinutes = minutes) =>
  withSignalPrice(book, known(price, minutes), addMs(T0, nowMinutes * MINUTE_MS), BAND);

const empty = emptyPriceBook('BTCUSDT');
const market = withMarketPrice(empty, known('100', 0));

describe('a market price', () => {
  it('is the newest price', () => {
    expect(market).toMatchObject({ market: known('100', 0), newest: { ...known('100', 0), source: 'MARKET' } });
  });

  it('replaces an older one, and one of the same moment', () => {
    expect(withMarketPrice(market, known('101', 1)).newest?.price).toBe(parsePrice('101'));
    expect(withMarketPrice(market, known('102', 0)).newest?.price).toBe(parsePrice('102'));
  });

  it('changes nothing when it is older', () => {
    expect(withMarketPrice(market, known('99', -1))).toBe(market);
  });

  it('comes before a later price of a signal', () => {
    const told = signal(market, '110', 20);
    expect(withMarketPrice(told, known('105', 15)).newest).toEqual({ ...known('105', 15), source: 'MARKET' });
  });
});

describe("a signal's price", () => {
  it.each([
    ['counts before any price is known', empty, '50', 1, true],
    ['does not count beside a market price of 9:59 min ago', market, '110', 9.99, false],
    ['counts beside a market price of 10 min ago', market, '110', 10, true],
    ['counts at the edge of the band', market, '120', 20, true],
    ['does not count beyond the band', market, '120.000000000001', 20, false],
    ['does not count below the band', market, '79.999999999999', 20, false],
  ] as const)('%s', (_name, book, price, minutes, counts) => {
    const after = signal(book, price, minutes);
    if (counts) expect(after.newest).toEqual({ ...known(price, minutes), source: 'SIGNAL' });
    else expect(after).toBe(book);
  });

  it('counts only if its time is later than that of the newest price', () => {
    const told = signal(market, '110', 20);
    expect(signal(told, '111', 20)).toBe(told);
    expect(signal(told, '111', 19, 21)).toBe(told);
    expect(signal(told, '111', 21).newest?.price).toBe(parsePrice('111'));
  });

  it('is held against the newest price of any age', () => {
    expect(signal(market, '130', 60 * 24 * 30)).toBe(market);
  });

  it('is held against the entry price before any other is known', () => {
    const entered = { ...empty, entry: known('100', 0) };
    expect(signal(entered, '121', 5)).toBe(entered);
    expect(signal(entered, '119', 5).newest?.price).toBe(parsePrice('119'));
  });
});

it('a market price is fresh until it is 10 minutes old', () => {
  expect(isFreshMarket(empty, T0)).toBe(false);
  expect(isFreshMarket(market, addMs(T0, 10 * MINUTE_MS - 1))).toBe(true);
  expect(isFreshMarket(market, addMs(T0, 10 * MINUTE_MS))).toBe(false);
});

it.each([
  ['100', '120', true],
  ['100', '80', true],
  ['100', '120.000000000001', false],
  ['100', '79.999999999999', false],
  ['0.000000000001', '0.000000000001', true],
])('from %s, the price %s is within a band of 0.2: %s', (reference, price, expected) => {
  expect(isWithinBand(parsePrice(price), parsePrice(reference), BAND)).toBe(expected);
});
