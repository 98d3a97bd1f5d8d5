import { expect, it } from 'vitest';
import { lockContract } from './lock.contract.js';
import { createMemoryLocks } from './memory-lock.js';

lockContract('memory', async () => {
  const space = createMemoryLocks();
  return { lock: () => space.lock('trader'), stop: async () => undefined };
});

it('goes to who waits when its holder is killed, and the dead cannot release it any more', async () => {
  const space = createMemoryLocks();
  const dead = await space.lock('trader').acquire({});
  const waiting = space.lock('trader').acquire({});
  space.kill('trader');
  expect(await waiting).not.toBeNull();
  await dead!.release();
  expect(await space.lock('trader').acquire({ signal: AbortSignal.timeout(20) })).toBeNull();
});

it('goes to who waits when it is taken from its holder, who is told', async () => {
  const space = createMemoryLocks();
  const holder = await space.lock('feed').acquire({});
  const waiting = space.lock('feed').acquire({});
  space.revoke('feed');
  expect(await holder!.lost).toMatchObject({ code: 'FENCED' });
  expect(await waiting).not.toBeNull();
});

it('keeps names apart', async () => {
  const space = createMemoryLocks();
  expect(await space.lock('one').acquire({})).not.toBeNull();
  expect(await space.lock('other').acquire({ signal: AbortSignal.timeout(20) })).not.toBeNull();
});
