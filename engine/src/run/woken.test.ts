import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { woken } from './woken.js';

describe('who waits to be woken', () => {
  it('goes on when woken, and leaves nothing on the signal however often it waits', async () => {
    const { signal } = new AbortController();
    for (let turn = 0; turn < 20; turn++) await woken(signal, (wake) => queueMicrotask(wake));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('goes on when the signal aborts, or has aborted before', async () => {
    const stopping = new AbortController();
    const waiting = woken(stopping.signal, () => undefined);
    stopping.abort();
    await waiting;
    await woken(stopping.signal, () => undefined);
  });
});
