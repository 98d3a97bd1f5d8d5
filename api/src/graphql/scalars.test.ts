import { GraphQLError, parseValue } from 'graphql';
import { describe, expect, it } from 'vitest';
import { DateTime, Decimal } from './scalars.js';

describe('Decimal', () => {
  it.each([
    ['12.50', '12.5'],
    ['0.00000001', '0.00000001'],
    ['-0', '0'],
    ['+3', '3'],
    [0.1, '0.1'],
    [1e-7, '0.0000001'],
    [100, '100'],
  ])('reads %s as %s', (input, text) => expect(Decimal.parseValue(input)).toBe(text));

  it.each([['abc'], [''], [null], [{}], [true], [NaN], [Infinity], ['0.123456789'], ['1e30']])(
    'refuses %s and says so',
    (input) => expect(() => Decimal.parseValue(input)).toThrow(/expected a decimal number/),
  );

  it.each([
    ['12', '12'],
    ['1.50', '1.5'],
    ['"7.10"', '7.1'],
    ['1e-3', '0.001'],
  ])('reads the literal %s as %s', (literal, text) => expect(Decimal.parseLiteral(parseValue(literal))).toBe(text));

  it.each([
    ['true', /found "true"/],
    ['0.123456789', /found "0.123456789"/],
    ['{a: 1}', /found "\{/],
  ])('refuses the literal %s, says what was found and where', (literal, message) => {
    const node = parseValue(literal);
    const refusal = refusalOf(() => Decimal.parseLiteral(node));
    expect(refusal.message).toMatch(message);
    expect(refusal.nodes).toEqual([node]);
  });

  it.each([['1.5'], ['0'], ['-2'], ['0.000000000001']])('writes %s as it is', (text) =>
    expect(Decimal.serialize(text)).toBe(text),
  );

  it.each([['1.50'], ['01'], ['-0'], ['1e3'], [1.5], [null]])('never lets %s out', (value) =>
    expect(() => Decimal.serialize(value)).toThrow(),
  );
});

describe('DateTime', () => {
  it.each([
    ['2024-01-31T12:00:00.000Z', Date.UTC(2024, 0, 31, 12)],
    ['2024-01-31T12:00:00+02:00', Date.UTC(2024, 0, 31, 10)],
    ['2024-01-31T12:00:00', Date.UTC(2024, 0, 31, 12)],
    ['1970-01-01T00:00:00Z', 0],
  ])('reads %s', (text, time) => expect(DateTime.parseValue(text)).toBe(time));

  it.each([['2024-02-30T00:00:00Z'], ['yesterday'], ['2024-01-31'], [1706702400000], [null], ['']])(
    'refuses %s',
    (input) => expect(() => DateTime.parseValue(input)).toThrow(/ISO 8601/),
  );

  it.each([
    ['"2024-01-31"', 'found "2024-01-31"'],
    ['1706702400000', 'found "1706702400000"'],
  ])('refuses the literal %s, says what was found and where', (literal, found) => {
    const node = parseValue(literal);
    const refusal = refusalOf(() => DateTime.parseLiteral(node));
    expect(refusal.message).toContain(found);
    expect(refusal.nodes).toEqual([node]);
  });

  it('writes milliseconds and Dates in UTC with milliseconds', () => {
    expect(DateTime.serialize(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(DateTime.serialize(new Date(1))).toBe('1970-01-01T00:00:00.001Z');
    expect(() => DateTime.serialize(NaN)).toThrow();
  });
});

function refusalOf(read: () => unknown): GraphQLError {
  try {
    read();
  } catch (error) {
    if (error instanceof GraphQLError) return error;
  }
  throw new Error('expected a refusal, found none');
}
