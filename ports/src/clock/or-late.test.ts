import type { Instant } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { createEnder } from './ending.js';
import { LATE, orLate } from './or-late.js';
import { createSimulatedClock } from './simulated.js';

const clock = createSimulatedClock(0 as Instant);

describe('a limit on how long something is waited for', () => {
  it('gives what the work comes to, and leaves no timer behind', async () => {
    const endings: { aborted: boolean }[] = [];
    const watched: typeof clock.sleep = (ms, ending) => {
      endings.push(ending!);
      return clock.sleep(ms, ending);
    };
    expect(await orLate({ sleep: watched }, 1_000, Promise.resolve(7))).toBe(7);
    await expect(orLate({ sleep: watched }, 1_000, Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(endings.map(({ aborted }) => aborted)).toEqual([true, true]);
  });

  it('gives LATE when time is over first, and is not told what becomes of the work', async () => {
    let fail: (error: Error) => void = () => undefined;
    const outcome = orLate(clock, 1_000, new Promise((_, reject) => (fail = reject)));
    await clock.advance(1_000);
    expect(await outcome).toBe(LATE);
    fail(new Error('afterwards'));
    await clock.advance(1);
  });
});

describe('an ender', () => {
  it('ends a wait once, and one that begins afterwards at once', async () => {
    const ender = createEnder();
    const began = clock.monotonicMs();
    const waiting = clock.sleep(1_000, ender);
    ender.end();
    ender.end();
    await waiting;
    await clock.sleep(1_000, ender);
    expect([ender.aborted, clock.monotonicMs() - began]).toEqual([true, 0]);
  });

  it('tells nobody who has turned away', () => {
    const ender = createEnder();
    const told: string[] = [];
    const [one, other] = [() => void told.push('one'), () => void told.push('other')];
    ender.addEventListener('abort', one);
    ender.addEventListener('abort', other);
    ender.removeEventListener('abort', one);
    ender.end();
    expect(told).toEqual(['other']);
  });
});
