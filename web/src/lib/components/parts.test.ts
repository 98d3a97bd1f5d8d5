import { describe, expect, it } from 'vitest';
import { curveFrom } from '../live/curve.js';
import { command, step, trade } from '../testing/entities.js';
import { describeEnd } from './command-words.js';
import { tradesCsv } from './csv.js';
import { areaPath, linePath, nearest, yDomainOf } from './curve-scale.js';
import { feedWord } from './feed-word.js';
import { passwordProblem } from './password.js';

const points = curveFrom(
  [5_000, 5_010, 4_990].map((equity, i) => ({
    time: new Date(Date.parse('2024-08-05T12:00:00Z') + i * 60_000).toISOString(),
    equity: String(equity),
    balance: String(equity),
    drawdownPercent: 0,
  })),
).points;

describe('the heights shown', () => {
  it('hold every point, and the baseline while it is near', () => {
    const [low, high] = yDomainOf(points, 5_000);
    expect(low).toBeLessThan(4_990);
    expect(high).toBeGreaterThan(5_010);
    expect(yDomainOf(points, 5_030)[1]).toBeGreaterThan(5_030);
  });
  it('do not flatten the curve for a baseline far away', () => {
    expect(yDomainOf(points, 1_000)[0]).toBeGreaterThan(4_900);
  });
  it('a flat curve still has a height', () => {
    const [low, high] = yDomainOf(points.slice(0, 1), 5_000);
    expect(high).toBeGreaterThan(low);
  });
  it('without points there is the baseline', () => expect(yDomainOf([], 5_000)).toEqual([4_999, 5_001]));
});

it('paths run through the points and close along a level', () => {
  const first = points[0]?.time ?? 0;
  const scales = { x: (time: number) => (time - first) / 6_000, y: (value: number) => value - 4_990 };
  const line = linePath(points, (point) => point.equity, scales);
  expect(line).toBe('M0.0 10.0L10.0 20.0L20.0 0.0');
  expect(areaPath(line, points, scales.x, 99)).toBe(`${line}L20.0 99.0L0.0 99.0Z`);
});

it.each([
  [-1, 0],
  [0, 0],
  [29_000, 0],
  [31_000, 1],
  [500_000, 2],
])('%d ms after the beginning the nearest point is number %d', (ms, index) => {
  expect(nearest(points, (points[0]?.time ?? 0) + ms)).toBe(index);
});

it('without points none is nearest', () => expect(nearest([], 5)).toBe(-1));

describe('trades as CSV', () => {
  const csv = tradesCsv([trade({ pnl: '-2.1', exitReason: 'STOP_LOSS' }), trade({ id: '=SUM(A1)', symbol: 'A,B"C' })]);
  const [head, first, second] = csv.split('\r\n');
  it('names its columns', () => expect(head).toMatch(/^id,symbol,action,status,/));
  it('keeps figures exact, losses included', () => {
    expect(first).toContain('2499.99959708');
    expect(first).toContain(',STOP_LOSS,-2.1,');
  });
  it('a formula becomes text', () => expect(second).toMatch(/^'=SUM/));
  it('separators and quotes are quoted', () => expect(second).toContain('"A,B""C"'));
});

it.each([
  [{ feed: 'SIMULATOR', feedName: 'simulator' }, 'SIMULATED'],
  [{ feed: 'REPLAY', feedName: 'btc.csv' }, 'REPLAY'],
  [{ feed: 'EXCHANGE', feedName: 'binance' }, 'BINANCE'],
  [{ feed: 'EXCHANGE', feedName: '' }, 'EXCHANGE'],
] as const)('prices of %o are called %s', (system, word) => {
  expect(feedWord(system, null)).toBe(word);
});

it('before the system is known the account tells where prices come from', () => {
  expect(feedWord(null, 'REPLAY')).toBe('REPLAY');
  expect(feedWord(null, null)).toBeNull();
});

it.each([
  ['short', 'old', 'At least 8 characters'],
  ['ä'.repeat(37), 'old', 'At most 72 bytes'],
  ['the same old one', 'the same old one', 'The same as the current one'],
  ['a better password', 'old', null],
])('a new password %s after %s: %s', (next, current, problem) => {
  expect(passwordProblem(next, current)).toBe(problem);
});

it.each([
  [
    command({ status: 'DONE', steps: [step('POSITION_CLOSED', { symbol: 'BTCUSDT', price: '68500' })] }),
    'good',
    'BTCUSDT closed at 68,500',
  ],
  [
    command({ status: 'REFUSED', steps: [step('REFUSED', { error: 'it is stopped' })] }),
    'bad',
    'Pausing: Refused: it is stopped',
  ],
  [command({ status: 'EXPIRED' }), 'bad', 'Pausing: it came too late and was not obeyed'],
] as const)('%#: the end of a command is told with its tone', (end, tone, words) => {
  expect(describeEnd(end, 'Pausing')).toEqual([words, tone]);
});
