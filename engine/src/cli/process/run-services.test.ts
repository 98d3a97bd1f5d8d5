import type { Service } from '@kairos/ports';
import { createMemoryLog, createSimulatedClock, SAMPLE_TIME } from '@kairos/ports/testing';
import { describe, expect, it } from 'vitest';
import { TERMINATE_MS_MAX } from '../supervisor/keeper.js';
import { CLOSE_MS_MAX, runServices, STOP_MS_MAX } from './run-services.js';

class WrongFile extends Error {}

/** A service that says what is done with it, and ends when the test says so. */
function fakeService(name: string, told: string[], fields: Partial<Service> = {}) {
  let settle: { resolve: () => void; reject: (error: unknown) => void } | null = null;
  const ended = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  const service: Service = {
    ended,
    start() {
      told.push(`${name} starts`);
      return Promise.resolve();
    },
    stop() {
      told.push(`${name} stops`);
      settle?.resolve();
      return Promise.resolve();
    },
    ...fields,
  };
  return { service, fail: (error: unknown) => settle?.reject(error), finish: () => settle?.resolve() };
}

function running(makers: (told: string[]) => ReturnType<typeof fakeService>[]) {
  const told: string[] = [];
  const fakes = makers(told);
  const stop = new AbortController();
  const clock = createSimulatedClock(SAMPLE_TIME);
  const log = createMemoryLog();
  const parts = fakes.map((fake, i) => ({ name: `part ${i}`, create: () => fake.service }));
  const isUsageError = (error: unknown) => error instanceof WrongFile;
  const ended = runServices(parts, { clock, log, signal: stop.signal, isUsageError });
  return { told, fakes, stop, clock, log, ended };
}

const two = (told: string[]) => [fakeService('a', told), fakeService('b', told)];

describe('services of one process', () => {
  it('start in order and stop in the opposite one when the process is asked to end', async () => {
    const { told, stop, clock, ended } = running(two);
    await clock.advance(0);
    stop.abort();
    expect(await ended).toBe(0);
    expect(told).toEqual(['a starts', 'b starts', 'b stops', 'a stops']);
  });

  it('all stop when one cannot go on, with exit code 1', async () => {
    const { told, fakes, clock, ended, log } = running(two);
    await clock.advance(0);
    fakes[0]!.fail(new Error('the bus refuses'));
    expect(await ended).toBe(1);
    expect(told.slice(2)).toEqual(['b stops', 'a stops']);
    expect(log.lines.filter((line) => line.level === 'error')).toHaveLength(1);
  });

  it('that cannot go on for their configuration give exit code 2', async () => {
    const { fakes, clock, ended } = running(two);
    await clock.advance(0);
    fakes[1]!.fail(new WrongFile('no such file'));
    expect(await ended).toBe(2);
  });

  it('go on when one has done its work, until all have', async () => {
    const { fakes, clock, told, ended } = running(two);
    await clock.advance(0);
    fakes[1]!.finish();
    await clock.advance(0);
    expect(told).toEqual(['a starts', 'b starts']);
    fakes[0]!.finish();
    expect(await ended).toBe(0);
  });

  it('do not start while the one before waits', async () => {
    const { told, stop, clock, ended } = running((list) => [
      fakeService('a', list, { start: () => new Promise(() => undefined) }),
      fakeService('b', list),
    ]);
    await clock.advance(0);
    expect(told).toEqual([]);
    stop.abort();
    expect(await ended).toBe(0);
    expect(told).toEqual(['a stops']);
  });

  it('do not start when the one before could not', async () => {
    const { told, ended } = running((list) => [
      fakeService('a', list, { start: () => Promise.reject(new Error('no')) }),
      fakeService('b', list),
    ]);
    expect(await ended).toBe(1);
    expect(told).toEqual(['a stops']);
  });

  it('that do not stop in time hold nobody back', async () => {
    const { stop, clock, ended } = running((list) => [
      fakeService('a', list, { stop: () => new Promise(() => undefined) }),
    ]);
    await clock.advance(0);
    stop.abort();
    await clock.advance(0);
    await clock.advance(STOP_MS_MAX);
    expect(await ended).toBe(1);
  });

  it('end before a supervisor ends them by force, with time left to close what they have opened', () => {
    expect(STOP_MS_MAX + CLOSE_MS_MAX).toBeLessThan(TERMINATE_MS_MAX);
  });
});
