import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aborted, listenForStop, PARENT_LOOK_MS } from './stop-signal.js';

const fakeProcess = (connected: boolean, env: NodeJS.ProcessEnv = {}) =>
  Object.assign(new EventEmitter(), { connected, env, ppid: 100 });
const listen = (target: EventEmitter) => listenForStop(target as unknown as NodeJS.Process);

describe('a process', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('is asked to end by %s', (name) => {
    const target = fakeProcess(false);
    const { signal } = listen(target);
    expect(signal.aborted).toBe(false);
    target.emit(name);
    target.emit(name);
    expect(signal.aborted).toBe(true);
  });

  it('that was started with a channel ends when the other end is gone', () => {
    const target = fakeProcess(true);
    const { signal } = listen(target);
    target.emit('disconnect');
    expect(signal.aborted).toBe(true);
  });

  it('gives the signals back', () => {
    const target = fakeProcess(true);
    listen(target).dispose();
    expect(target.eventNames()).toEqual([]);
  });
});

describe('a process that npm started', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([
    ['ends with npm, which does not pass its signals on', { npm_lifecycle_event: 'start' }, true],
    ['but one that a shell started outlives the shell', {}, false],
  ])('%s', (_name, env, isStopped) => {
    const target = fakeProcess(false, env);
    const { signal } = listen(target);
    vi.advanceTimersByTime(10 * PARENT_LOOK_MS);
    expect(signal.aborted).toBe(false);
    target.ppid = 1;
    vi.advanceTimersByTime(PARENT_LOOK_MS);
    expect(signal.aborted).toBe(isStopped);
  });

  it('looks no more once its signals are given back', () => {
    listen(fakeProcess(false, { npm_lifecycle_event: 'start' })).dispose();
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('aborted resolves at once for a signal that is aborted already', async () => {
  await expect(aborted(AbortSignal.abort())).resolves.toBeUndefined();
});
