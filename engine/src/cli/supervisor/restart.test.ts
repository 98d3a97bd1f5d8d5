import { describe, expect, it } from 'vitest';
import { afterEnd, backOffMs, HEALTHY_MS } from './restart.js';

it.each([
  [1, 250],
  [2, 500],
  [3, 1_000],
  [4, 2_000],
  [5, 4_000],
  [6, 5_000],
  [7, 5_000],
  [1_000, 5_000],
])('after %s failures in a row it waits %s ms', (failures, waitMs) => {
  expect(backOffMs(failures)).toBe(waitMs);
});

describe('a process that ended', () => {
  it.each([
    ['with exit code 1', { code: 1, ranMs: 10 }, 3],
    ['with exit code 0, though nobody asked it to', { code: 0, ranMs: 10 }, 3],
    ['by a signal', { code: null, ranMs: 10 }, 3],
    ['just before it counts as healthy', { code: 1, ranMs: HEALTHY_MS - 1 }, 3],
    ['after it was healthy: what failed before is forgotten', { code: 1, ranMs: HEALTHY_MS }, 1],
  ])('%s is started again', (_name, ended, failures) => {
    expect(afterEnd(2, ended)).toEqual({ kind: 'restart', failures, waitMs: backOffMs(failures) });
  });

  it('for wrong usage or configuration is not: starting again changes nothing', () => {
    expect(afterEnd(0, { code: 2, ranMs: 10 })).toEqual({ kind: 'giveUp' });
  });
});
