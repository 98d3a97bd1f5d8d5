import type { Instant } from '@kairos/schema';
import { expect, it } from 'vitest';
import { systemClock } from '../../clock/system.js';
import { createBackoff } from './backoff.js';

it.each([
  ['at their longest', 0, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]],
  ['shortened by half at the most', 0.999_999_999, [50, 100, 200, 400, 800, 1_600, 2_500, 2_500]],
])('waits double up to 5 s, %s, and begin anew after a success', async (_, random, expected) => {
  const waits: number[] = [];
  const clock = {
    now: () => 0 as Instant,
    monotonicMs: () => 0,
    sleep: async (ms: number) => void waits.push(Math.round(ms)),
  };
  const backoff = createBackoff({ clock, random: () => random });
  for (let turn = 0; turn < expected.length; turn++) await backoff.wait();
  backoff.reset();
  await backoff.wait();
  expect(waits).toEqual([...expected, expected[0]]);
});

it('ends at once when told to', async () => {
  const ending = AbortSignal.abort();
  await expect(createBackoff({ clock: systemClock, random: () => 0 }).wait(ending)).resolves.toBeUndefined();
});
