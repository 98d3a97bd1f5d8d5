import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rounding } from './decimal.js';
import {
  divide,
  formatDecimal,
  formatMoney,
  formatPrice,
  parseDecimal,
  parseMoney,
  parsePrice,
  ratioOf,
  toNumber,
} from './decimal.js';
import { ValueError } from './errors.js';

describe('reading', () => {
  it.each([
    ['0', 0n],
    ['-0', 0n],
    ['0.00000001', 1n],
    ['1', 100_000_000n],
    ['+1', 100_000_000n],
    ['-1.5', -150_000_000n],
    ['.5', 50_000_000n],
    ['5.', 500_000_000n],
    ['00012.30', 1_230_000_000n],
    ['1e-8', 1n],
    ['1.5E3', 150_000_000_000n],
    ['12.300000000000000', 1_230_000_000n],
    ['999999999999999.99999999', 99_999_999_999_999_999_999_999n],
    [0.1, 10_000_000n],
    [1e-8, 1n],
    [68234, 6_823_400_000_000n],
    [1e14, 10_000_000_000_000_000_000_000n],
  ])('takes %j exactly', (input, units) => {
    expect(parseMoney(input)).toBe(units);
  });

  it.each([
    '',
    '.',
    '-',
    ' 1',
    '1 ',
    '1,5',
    '1_000',
    '0x10',
    '1e',
    'e5',
    '1.2.3',
    'NaN',
    'Infinity',
    '１２',
    NaN,
    Infinity,
    -Infinity,
    null,
    undefined,
    true,
    {},
    [],
    [1],
    { $gt: 0 },
    '1000000000000000',
    1e15,
    1e308,
    '1e999',
  ])('refuses %j', (input) => {
    expect(() => parseMoney(input)).toThrow(ValueError);
  });

  it('refuses more decimals than the scale has, and says how many may be', () => {
    expect(() => parseMoney('1.000000001')).toThrow(
      'expected a decimal number with at most 8 decimals, found "1.000000001"',
    );
    expect(() => parseMoney(0.1 + 0.2)).toThrow(ValueError);
  });

  it.each([
    ['0.0000000000005', '0'],
    ['0.0000000000015', '0.000000000002'],
    ['0.0000000000025', '0.000000000002'],
    ['0.00000000000250000001', '0.000000000003'],
    ['0.0000000000024999', '0.000000000002'],
    ['-0.0000000000015', '-0.000000000002'],
    [0.1 + 0.2, '0.3'],
  ])('rounds the excess of %s half-even to %s where it may', (input, expected) => {
    expect(formatDecimal(parseDecimal(input, 12, 'halfEven'), 12)).toBe(expected);
  });

  it.each(['0', '-1', '0.0000000000005'])('takes no price of %s', (input) => {
    expect(() => parsePrice(input)).toThrow('expected a price above 0');
  });

  it('answers at once for the longest text that a message can hold', () => {
    expect(() => parsePrice('9'.repeat(65_000))).toThrow(ValueError);
    expect(formatPrice(parsePrice(`0.${'3'.repeat(65_000)}`))).toBe('0.333333333333');
  });
});

describe('writing', () => {
  it.each([
    [0n, '0'],
    [1n, '0.00000001'],
    [-1n, '-0.00000001'],
    [100_000_000n, '1'],
    [-150_000_000n, '-1.5'],
    [12_345_678_901n, '123.45678901'],
    [10n ** 22n, '100000000000000'],
  ])('%s units are %s: no exponent, no plus sign, no trailing zeros', (units, text) => {
    expect(formatMoney(units as never)).toBe(text);
  });

  it('gives back what was read, for every value', () => {
    const units = fc.bigInt({ min: -(10n ** 23n - 1n), max: 10n ** 23n - 1n });
    fc.assert(
      fc.property(units, (value) => {
        expect(parseMoney(formatMoney(value as never))).toBe(value);
      }),
    );
  });

  it('drifts by nothing in 1,000,000 round trips of random values', () => {
    let seed = 42;
    let drift = 0n;
    for (let i = 0; i < 1_000_000; i++) {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      const units = BigInt(seed) * 1_000_003n - 2_000_000_000_000_000n;
      drift += parseDecimal(formatDecimal(units, 8), 8) - units;
    }
    expect(drift).toBe(0n);
  });
});

describe('dividing', () => {
  it.each<[bigint, bigint, Record<Rounding, bigint>]>([
    [6n, 3n, { down: 2n, up: 2n, halfEven: 2n }],
    [7n, 2n, { down: 3n, up: 4n, halfEven: 4n }],
    [5n, 2n, { down: 2n, up: 3n, halfEven: 2n }],
    [1n, 3n, { down: 0n, up: 1n, halfEven: 0n }],
    [2n, 3n, { down: 0n, up: 1n, halfEven: 1n }],
    [-7n, 2n, { down: -3n, up: -4n, halfEven: -4n }],
    [-5n, 2n, { down: -2n, up: -3n, halfEven: -2n }],
    [-1n, 3n, { down: 0n, up: -1n, halfEven: 0n }],
    [0n, 3n, { down: 0n, up: 0n, halfEven: 0n }],
  ])('%s by %s rounds as its caller named', (numerator, denominator, expected) => {
    for (const rounding of ['down', 'up', 'halfEven'] as const) {
      expect(divide(numerator, denominator, rounding)).toBe(expected[rounding]);
    }
  });

  it('is never further from the truth than the rounding allows', () => {
    const any = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
    const positive = fc.bigInt({ min: 1n, max: 10n ** 20n });
    const sizeOf = (value: bigint) => (value < 0n ? -value : value);
    fc.assert(
      fc.property(any, positive, (numerator, denominator) => {
        const errorOf = (rounding: Rounding) =>
          sizeOf(divide(numerator, denominator, rounding)) * denominator - sizeOf(numerator);
        expect(errorOf('down') <= 0n && errorOf('down') > -denominator).toBe(true);
        expect(errorOf('up') >= 0n && errorOf('up') < denominator).toBe(true);
        expect(2n * sizeOf(errorOf('halfEven')) <= denominator).toBe(true);
      }),
    );
  });

  it.each([0n, -1n])('has no denominator of %s', (denominator) => {
    expect(() => divide(1n, denominator, 'down')).toThrow('broken rule: a denominator is above 0');
  });
});

describe('as statistics', () => {
  it('is the nearest binary number', () => {
    expect(toNumber(3_663_862n, 8)).toBe(0.03663862);
    expect(toNumber(-1n, 12)).toBe(-1e-12);
  });

  it.each([
    [1n, 3n, 1 / 3],
    [2n, 3n, 2 / 3],
    [-1n, 8n, -0.125],
    [10n ** 22n, 7n, 1e22 / 7],
    [0n, 5n, 0],
  ])('the ratio of %s and %s is what floats would give', (part, whole, expected) => {
    expect(ratioOf(part, whole)).toBe(expected);
  });

  it('has no ratio to nothing', () => {
    expect(ratioOf(1n, 0n)).toBeNull();
  });
});
