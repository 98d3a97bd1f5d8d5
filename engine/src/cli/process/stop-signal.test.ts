import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { aborted, listenForStop } from './stop-signal.js';

const fakeProcess = (connected: boolean) => Object.assign(new EventEmitter(), { connected });
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

it('aborted resolves at once for a signal that is aborted already', async () => {
  await expect(aborted(AbortSignal.abort())).resolves.toBeUndefined();
});
