import { describe, expect, it } from 'vitest';
import {
  amountDecimalsOf,
  directionOf,
  fractionToPercent,
  percentToFraction,
  priceDecimalsOf,
  showDecimal,
  showMoney,
  subtract,
} from './decimal.js';

const locale = 'en-US';

describe('money is shown with two decimals, its sign and its thousands', () => {
  it.each([
    ['5019.04750256', false, '5,019.05'],
    ['5011.785', false, '5,011.78'],
    ['5011.795', false, '5,011.80'],
    ['-2.1', false, '−2.10'],
    ['16.39', true, '+16.39'],
    ['-0.004', true, '0.00'],
    ['0', true, '0.00'],
    ['123456789012345.99999999', false, '123,456,789,012,346.00'],
    [null, true, '–'],
  ])('%s (signed %s) as %s', (value, signed, text) => {
    expect(showMoney(value, { signed, locale })).toBe(text);
  });
});

describe('a decimal without asked decimals keeps every digit', () => {
  it.each([
    ['0.03663862', '0.03663862'],
    ['4879.95315244', '4,879.95315244'],
    ['68234', '68,234'],
    ['0.000000000012', '0.000000000012'],
  ])('%s as %s', (value, text) => {
    expect(showDecimal(value, { locale })).toBe(text);
  });

  it('in the thousands and the point of the locale', () => {
    expect(showDecimal('-1234.5', { locale: 'de-DE' })).toBe('−1.234,5');
  });
});

describe('which way a figure points is what its shown digits say', () => {
  it.each([
    ['0.01', 1],
    ['0.004', 0],
    ['-0.004', 0],
    ['-0.01', -1],
    [null, 0],
  ] as const)('%s: %d', (value, direction) => {
    expect(directionOf(value)).toBe(direction);
  });
});

it('differences are exact', () => {
  expect(subtract('5019.04750256', '5000')).toBe('19.04750256');
  expect(subtract('0.1', '0.3')).toBe('-0.2');
});

it.each([
  ['68234.12', 2],
  ['3471.85', 2],
  ['171.33', 3],
  ['0.5123', 4],
  ['0.000012', 8],
])('a price of %s of an unknown instrument gets %d decimals', (price, decimals) => {
  expect(priceDecimalsOf(price)).toBe(decimals);
});

it.each([
  ['0.03663862', 6],
  ['12.94012533', 4],
  ['4879.95315244', 2],
  ['1234567', 0],
  ['0.5', 1],
])('an amount of %s is shown with %d decimals', (amount, decimals) => {
  expect(amountDecimalsOf(amount)).toBe(decimals);
});

describe('fractions and percents change into each other exactly', () => {
  it.each([
    ['0.005', '0.5'],
    ['0.001', '0.1'],
    ['0', '0'],
    ['0.00000001', '0.000001'],
    ['1', '100'],
  ])('%s is %s %%', (fraction, percent) => {
    expect(fractionToPercent(fraction)).toBe(percent);
    expect(percentToFraction(percent)).toBe(fraction);
  });

  it('reads a comma as a point', () => expect(percentToFraction(' 0,5 ')).toBe('0.005'));
  it('refuses what is finer than the API keeps', () => expect(() => percentToFraction('0.0000001')).toThrow());
  it('refuses what is no number', () => expect(() => percentToFraction('five')).toThrow());
});
