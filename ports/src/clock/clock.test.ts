import type { Instant } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { createSimulatedClock } from './simulated.js';
import { systemClock } from './system.js';

const START = 1_700_000_000_000 as Instant;

describe('simulated clock', () => {
  it('stands still until it is advanced', async () => {
    const clock = createSimulatedClock(START);
    expect([clock.now(), clock.monotonicMs()]).toEqual([START, 0]);
    await clock.advance(250);
    expect([clock.now(), clock.monotonicMs()]).toEqual([START + 250, 250]);
  });

  it('wakes sleepers in order of their time, each seeing its own', async () => {
    const clock = createSimulatedClock(START);
    const woken: [string, number][] = [];
    const sleep = async (name: string, ms: number) => {
      await clock.sleep(ms);
      woken.push([name, clock.monotonicMs()]);
    };
    void sleep('late', 300);
    void sleep('early', 100);
    void sleep('never', 1_001);
    await clock.advance(1_000);
    expect(woken).toEqual([
      ['early', 100],
      ['late', 300],
    ]);
  });

  it('wakes who sleeps again within the same advance', async () => {
    const clock = createSimulatedClock(START);
    const ticks: number[] = [];
    const tick = async () => {
      for (;;) {
        await clock.sleep(10);
        ticks.push(clock.monotonicMs());
      }
    };
    void tick();
    await clock.advance(35);
    expect(ticks).toEqual([10, 20, 30]);
  });

  it('ends a sleep at once when its signal aborts, or has aborted before', async () => {
    const clock = createSimulatedClock(START);
    const stop = new AbortController();
    const sleeping = clock.sleep(1_000, stop.signal);
    stop.abort();
    await sleeping;
    await clock.sleep(1_000, AbortSignal.abort());
    expect(clock.monotonicMs()).toBe(0);
  });

  it('jumps on the wall alone: durations do not see it', async () => {
    const clock = createSimulatedClock(START);
    let isWoken = false;
    void clock.sleep(1_000).then(() => (isWoken = true));
    clock.jump(3_600_000);
    await clock.advance(999);
    expect([clock.now(), clock.monotonicMs(), isWoken]).toEqual([START + 3_600_999, 999, false]);
    clock.jump(-7_200_000);
    await clock.advance(1);
    expect([clock.now(), isWoken]).toEqual([START - 3_599_000, true]);
  });
});

describe('system clock', () => {
  it('tells the wall time in whole milliseconds', () => {
    const before = Date.now();
    const now = systemClock.now();
    expect(Number.isInteger(now)).toBe(true);
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  it('never counts backwards', () => {
    const readings = Array.from({ length: 1_000 }, () => systemClock.monotonicMs());
    expect(readings).toEqual([...readings].sort((a, b) => a - b));
  });

  it('sleeps no shorter than asked for', async () => {
    const before = systemClock.monotonicMs();
    await systemClock.sleep(20);
    expect(systemClock.monotonicMs() - before).toBeGreaterThanOrEqual(19);
  });

  it('ends a sleep at once when its signal aborts, or has aborted before', async () => {
    const before = systemClock.monotonicMs();
    const stop = new AbortController();
    const sleeping = systemClock.sleep(60_000, stop.signal);
    stop.abort();
    await sleeping;
    await systemClock.sleep(60_000, AbortSignal.abort());
    expect(systemClock.monotonicMs() - before).toBeLessThan(30_000);
  });
});
