import type { FieldKind, Instant, Money, Price } from '@kairos/schema';
import { jsonCodec, markCodec } from '@kairos/schema';
import fc from 'fast-check';
import { BSON } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { sampleMark } from '../samples.js';
import { dateOf, documentCodec } from './bson-codec.js';

/** Through the bytes that a server keeps. */
const stored = (document: object): BSON.Document => BSON.deserialize(BSON.serialize(document));

/** Any text at all: UTF-16 units that belong together or not. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
  .map((units) => String.fromCharCode(...units));
const decimals = (digits: number) => fc.bigInt(-(10n ** BigInt(digits)), 10n ** BigInt(digits));
const anyInstant = fc.integer({ min: -8.64e15, max: 8.64e15 }) as fc.Arbitrary<Instant>;

const KINDS: Record<FieldKind, fc.Arbitrary<unknown>> = {
  money: decimals(23),
  amount: decimals(23),
  rate: decimals(23),
  price: decimals(27),
  instant: anyInstant,
  text: anyText,
  number: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.constantFrom(0, -1, 2 ** 31, -(2 ** 31) - 1),
  ),
  boolean: fc.boolean(),
};

describe('documents', () => {
  it.each(Object.keys(KINDS) as FieldKind[])('give back every %s to the bit, and null where it may be', (kind) => {
    const codec = documentCodec('sample', jsonCodec<{ a: unknown; b: unknown }>('sample', { a: kind, b: `${kind}?` }));
    fc.assert(
      fc.property(KINDS[kind], fc.option(KINDS[kind]), (a, b) => {
        expect(codec.read(stored(codec.write({ a, b })))).toEqual({ a, b });
      }),
      { numRuns: 1_000 },
    );
  });

  it('keep maps whatever their keys are', () => {
    const codec = documentCodec('account mark', markCodec);
    const keys = fc.oneof(anyText, fc.constantFrom('', '$set', 'a.b', '__proto__', 'constructor', '7', '$', '.'));
    const price = fc.bigInt(1n, 10n ** 27n) as fc.Arbitrary<Price>;
    fc.assert(
      fc.property(
        fc.dictionary(keys, price),
        fc.dictionary(keys, anyInstant),
        decimals(23),
        (peakPrices, lastLossAt, peak) => {
          const mark = sampleMark('acc', { peakPrices, lastLossAt, peakEquity: peak as Money });
          expect(codec.read(stored(codec.write(mark)))).toEqual(mark);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('are readable: decimals as Decimal128, times as Dates', () => {
    const { dayStart, peakEquity, peakPrices } = documentCodec('account mark', markCodec).write(
      sampleMark('acc', { peakPrices: { 'acc:BTCUSDT:crypto.ml_signals:0:7': 68_234_000_000_000_000n as Price } }),
    );
    expect(dayStart).toEqual(new Date('2023-11-14T00:00:00Z'));
    expect(String(peakEquity)).toBe('5000.00000000');
    expect(BSON.EJSON.serialize(peakPrices as object)).toEqual([
      { k: 'acc:BTCUSDT:crypto.ml_signals:0:7', v: { $numberDecimal: '68234.000000000000' } },
    ]);
  });

  it.each([
    ['a time that no Date holds', { dayStart: 9e15 }],
    ['a time between two milliseconds', { dayStart: 1.5 }],
    ['a time that is none', { dayStart: NaN }],
    ['more digits than Decimal128 has', { peakEquity: 10n ** 40n }],
  ])('are not written with %s', (_, fields) => {
    expect(() => documentCodec('account mark', markCodec).write({ ...sampleMark('a'), ...fields } as never)).toThrow();
  });

  it.each([
    ['a decimal as a double', { peakEquity: 5000 }, /expected a Decimal128 as account mark\.peakEquity/],
    ['a time as text', { dayStart: '2023-11-14' }, /expected a Date as account mark\.dayStart/],
    ['a number as text', { maxDrawdownPercent: '1' }, /as account mark\.maxDrawdownPercent/],
    ['a text as a document of another kind', { accountId: { json: '7' } }, /expected text as account mark\.accountId/],
    ['a map as a document', { peakPrices: {} }, /as account mark\.peakPrices/],
    ['a field missing', { accountId: undefined }, /expected text as account mark\.accountId, found nothing/],
  ])('are refused when they are not as they were written: %s', (_, fields, message) => {
    const codec = documentCodec('account mark', markCodec);
    expect(() => codec.read({ ...codec.write(sampleMark('a')), ...fields })).toThrow(message);
  });

  it('compare times beyond all Dates with the last and the first Date', () => {
    expect(dateOf(Number.MAX_SAFE_INTEGER)).toEqual(new Date(8.64e15));
    expect(dateOf(-Infinity)).toEqual(new Date(-8.64e15));
    expect(dateOf(1.7e12)).toEqual(new Date(1.7e12));
  });
});
