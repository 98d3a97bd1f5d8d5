import { describe, expect, it } from 'vitest';
import { addMs, DAY_MS, formatInstant, parseInstant, startOfDay } from './instant.js';

describe('reading', () => {
  it.each([
    [1_723_075_260_000, '2024-08-08T00:01:00.000Z'],
    ['2024-08-08T00:01:00.000Z', '2024-08-08T00:01:00.000Z'],
    ['2024-08-08T00:01Z', '2024-08-08T00:01:00.000Z'],
    ['2024-08-08T00:01:00', '2024-08-08T00:01:00.000Z'],
    ['2024-08-08 00:01:00', '2024-08-08T00:01:00.000Z'],
    ['2024-08-08T02:01:00+02:00', '2024-08-08T00:01:00.000Z'],
    ['2024-08-07T19:31:00-0430', '2024-08-08T00:01:00.000Z'],
    ['2024-08-08T00:01:00.1Z', '2024-08-08T00:01:00.100Z'],
    ['2024-08-08T00:01:00.123999999Z', '2024-08-08T00:01:00.123Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['1973-03-03T09:46:40Z', '1973-03-03T09:46:40.000Z'],
  ])('takes %j', (input, iso) => {
    expect(formatInstant(parseInstant(input))).toBe(iso);
  });

  it.each([
    ['seconds', 1_723_075_260, 'looks like seconds'],
    ['seconds with a fraction', 1_723_075_260.5, 'looks like seconds'],
    ['0', 0, 'looks like seconds'],
    ['a time before 1970', -1_723_075_260_000, 'looks like seconds'],
    ['microseconds', 1_723_075_260_000_000, 'looks like microseconds'],
    ['nanoseconds', 1_723_075_260_000_000_000, 'looks like microseconds'],
    ['half a millisecond', 1_723_075_260_000.5, 'whole epoch milliseconds'],
    ['NaN', NaN, 'whole epoch milliseconds'],
    ['digits as text', '1723075260000', 'ISO 8601'],
    ['a day alone', '2024-08-08', 'ISO 8601'],
    ['words', 'tomorrow', 'ISO 8601'],
    ['another order', '08/08/2024 00:01', 'ISO 8601'],
    ['nothing', undefined, 'ISO 8601'],
    ['null', null, 'ISO 8601'],
    ['30 February', '2024-02-30T00:00:00Z', 'that exists'],
    ['29 February of a common year', '2023-02-29T00:00:00Z', 'that exists'],
    ['a 13th month', '2024-13-01T00:00:00Z', 'that exists'],
    ['a 25th hour', '2024-08-08T25:00:00Z', 'that exists'],
    ['a leap second', '2024-08-08T23:59:60Z', 'that exists'],
    ['a zone that is none', '2024-08-08T00:01:00+99:00', 'that exists'],
    ['the epoch as text', '1970-01-01T00:00:00Z', 'from 1973-03-03 to 2286-11-20'],
    ['the year 9999', '9999-01-01T00:00:00Z', 'from 1973-03-03 to 2286-11-20'],
  ])('refuses %s', (_name, input, reason) => {
    expect(() => parseInstant(input)).toThrow(reason);
  });
});

it('a day begins at 00:00 UTC and lasts to the next', () => {
  const midnight = parseInstant('2024-08-08T00:00Z');
  expect(startOfDay(midnight)).toBe(midnight);
  expect(startOfDay(addMs(midnight, DAY_MS - 1))).toBe(midnight);
  expect(startOfDay(addMs(midnight, DAY_MS))).toBe(addMs(midnight, DAY_MS));
});
