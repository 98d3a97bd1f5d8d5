import type { Service } from '@kairos/ports';
import { createMemoryLocks, createMemoryLog } from '@kairos/ports/testing';
import { describe, expect, it } from 'vitest';
import { createOwned } from './owned.js';

/** Processes that each want to run the one feed of a world. */
function world() {
  const locks = createMemoryLocks();
  const told: string[] = [];
  const join = (name: string, fields: Partial<Service> = {}) => {
    const log = createMemoryLog();
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const create = (): Service => {
      told.push(`${name} is made`);
      return { ended, start: () => Promise.resolve(), stop: () => Promise.resolve(end()), ...fields };
    };
    const owned = createOwned({ lock: locks.lock('feed'), log }, { what: 'feed', create });
    return { owned, log, end: () => end() };
  };
  return { told, locks, join };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a service that a world has one of', () => {
  it('is not made while another process has it, which holds up nothing and is said once', async () => {
    const { told, join } = world();
    const [first, second] = [join('first'), join('second')];
    await first.owned.start();
    await second.owned.start();
    expect(told).toEqual(['first is made']);
    expect(second.log.lines.map((line) => line.level)).toEqual(['warn']);
  });

  it.each(['is stopped', 'ends by itself', 'is killed'])('is taken over when the first %s', async (how) => {
    const { told, locks, join } = world();
    const [first, second] = [join('first'), join('second')];
    await first.owned.start();
    await second.owned.start();
    if (how === 'is stopped') await first.owned.stop();
    if (how === 'ends by itself') first.end();
    if (how === 'is killed') locks.kill('feed');
    await turn();
    expect(told).toEqual(['first is made', 'second is made']);
    await second.owned.stop();
  });

  it('is never made by one that is stopped while it waits', async () => {
    const { told, join } = world();
    const [first, second] = [join('first'), join('second')];
    await first.owned.start();
    await second.owned.start();
    await second.owned.stop();
    await first.owned.stop();
    await second.owned.ended;
    expect(told).toEqual(['first is made']);
  });

  it('is stopped, and ends with the reason, when its place is given to another process', async () => {
    const { told, locks, join } = world();
    const [first, second] = [join('first', { stop: async () => void told.push('first is stopped') }), join('second')];
    await first.owned.start();
    await second.owned.start();
    const ended = expect(first.owned.ended).rejects.toMatchObject({ code: 'FENCED' });
    locks.revoke('feed');
    await ended;
    expect([...told].sort()).toEqual(['first is made', 'first is stopped', 'second is made']);
    await second.owned.stop();
  });

  it('that cannot start says why, and leaves its place to the next', async () => {
    const { told, join } = world();
    const [first, second] = [join('first', { start: () => Promise.reject(new Error('no such file')) }), join('second')];
    first.owned.ended.catch(() => undefined);
    await expect(first.owned.start()).rejects.toThrow('no such file');
    await second.owned.start();
    expect(told).toEqual(['first is made', 'second is made']);
  });
});
