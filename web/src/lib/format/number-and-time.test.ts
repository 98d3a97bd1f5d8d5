import { describe, expect, it } from 'vitest';
import { showAge, showDuration, showNumber, showPercent, showShare } from './number.js';
import { showClock, showShortTime, showTimeUtc, timeTicks } from './time.js';

it.each([
  [0.62, 0, '62 %'],
  [0.748, 1, '74.8 %'],
  [null, 0, '–'],
])('a share of %s with %d decimals reads %s', (share, decimals, text) => {
  expect(showShare(share, decimals)).toBe(text);
});

it.each([
  [0.24, '+0.24 %'],
  [-1.804, '−1.80 %'],
  [-0.001, '0.00 %'],
  [0, '0.00 %'],
])('%d percent, signed, reads %s', (percent, text) => {
  expect(showPercent(percent, { signed: true })).toBe(text);
});

it.each([null, undefined, NaN, Infinity])('%s is not known', (value) => {
  expect(showNumber(value)).toBe('–');
});

it.each([
  [45, '45 s'],
  [61, '1 m 1 s'],
  [4_320, '1 h 12 m'],
  [273_600, '3 d 4 h'],
  [-5, '0 s'],
  [null, '–'],
])('%s seconds read %s', (seconds, text) => {
  expect(showDuration(seconds)).toBe(text);
});

it.each([
  [412, '0.4 s'],
  [9_960, '9 s'],
  [185_000, '3 m 5 s'],
])('an age of %d ms reads %s', (ms, text) => {
  expect(showAge(ms)).toBe(text);
});

describe('times are UTC and say so', () => {
  const iso = '2024-08-05T14:03:07.123Z';
  it('in full', () => expect(showTimeUtc(iso)).toBe('2024-08-05 14:03:07 UTC'));
  it('as a clock', () => expect(showClock(iso)).toBe('14:03:07'));
  it('in short', () => expect(showShortTime(iso)).toBe('08-05 14:03'));
});

describe('time ticks are round', () => {
  const at = (text: string): number => Date.parse(text);
  it('hours within a day, the day at midnight', () => {
    const ticks = timeTicks(at('2024-08-05T20:30:00Z'), at('2024-08-06T02:30:00Z'), 6);
    expect(ticks.map((tick) => tick.label)).toEqual(['21:00', '22:00', '23:00', '08-06', '01:00', '02:00']);
  });
  it('seconds within a minute', () => {
    const ticks = timeTicks(at('2024-08-05T20:30:01Z'), at('2024-08-05T20:30:31Z'), 3);
    expect(ticks.map((tick) => tick.label)).toEqual(['20:30:10', '20:30:20', '20:30:30']);
  });
  it('never more than asked for, whatever the span', () => {
    for (const days of [0.01, 0.3, 1, 9, 45, 400]) {
      expect(timeTicks(0, days * 86_400_000, 6).length).toBeLessThanOrEqual(7);
    }
  });
  it('none without a span', () => expect(timeTicks(5, 5, 6)).toEqual([]));
});
