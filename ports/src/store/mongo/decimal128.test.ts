import { formatDecimal } from '@kairos/schema';
import fc from 'fast-check';
import { Decimal128 } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { fromDecimal128, toDecimal128 } from './decimal128.js';

/** Every value of 34 digits. */
const units = fc.bigInt(-(10n ** 34n) + 1n, 10n ** 34n - 1n);
const scale = fc.constantFrom(0, 8, 12);

describe('Decimal128', () => {
  it('gives back every value to the bit, and says the same as its text', () => {
    fc.assert(
      fc.property(units, scale, (value, decimals) => {
        const stored = toDecimal128(value, decimals);
        expect(fromDecimal128(stored, decimals)).toBe(value);
        expect(fromDecimal128(Decimal128.fromString(formatDecimal(value, decimals)), decimals)).toBe(value);
        expect(Buffer.compare(Decimal128.fromString(stored.toString()).bytes, stored.bytes)).toBe(0);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    [500_000_000_000n, 8, '5000.00000000'],
    [-1n, 8, '-1E-8'],
    [0n, 8, '0'],
    [68_234_123_456_789_012n, 12, '68234.123456789012'],
  ])('writes %s of %s decimals as %s: people see all decimals', (value, decimals, text) => {
    expect(toDecimal128(value, decimals).toString()).toBe(text);
  });

  it.each([
    ['5000', 500_000_000_000n],
    ['5E+3', 500_000_000_000n],
    ['5000.0000000000000', 500_000_000_000n],
    ['-0', 0n],
    ['0E+6000', 0n],
    ['-0.00000001', -1n],
  ])('reads %s as a person may have written it', (text, value) => {
    expect(fromDecimal128(Decimal128.fromString(text), 8)).toBe(value);
  });

  it.each([
    ['a digit beyond the scale', Decimal128.fromString('0.000000001')],
    ['an infinity', Decimal128.fromString('-Infinity')],
    ['no number', Decimal128.fromString('NaN')],
    ['a value beyond all money', Decimal128.fromString('1E+6000')],
    ['a value too small to be told from nothing', Decimal128.fromString('1E-6000')],
    ['a double', 5000],
    ['text', '5000'],
    ['nothing', undefined],
  ])('refuses %s', (_, input) => {
    expect(() => fromDecimal128(input, 8)).toThrow(/^expected a /);
  });

  it('refuses to write more digits than it holds', () => {
    expect(() => toDecimal128(10n ** 34n, 8)).toThrow('at most 34 digits');
  });
});
