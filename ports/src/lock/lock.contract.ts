/** What every lock promises. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Lock } from './lock.js';

/** How long it may take to hear that somebody else holds the lock. */
const PATIENCE_MS = 5_000;

/** A place where locks are, fresh for each test. */
export interface LocksUnderTest {
  /** Another process's view of the one lock. */
  lock(): Lock;
  stop(): Promise<void>;
}

export function lockContract(name: string, open: () => Promise<LocksUnderTest>): void {
  describe(`${name}: lock contract`, () => {
    let locks: LocksUnderTest;
    beforeEach(async () => {
      locks = await open();
    });
    afterEach(() => locks.stop());

    it('is given at once when nobody holds it, without a word about waiting', async () => {
      let waits = 0;
      const handle = await locks.lock().acquire({ onWaiting: () => (waits += 1) });
      expect(handle).not.toBeNull();
      expect(waits).toBe(0);
      await handle!.release();
    });

    it('is held by one at a time; who waits is told so once and gets it when it is released', async () => {
      const first = await locks.lock().acquire({});
      let waits = 0;
      let isGiven = false;
      const second = locks.lock().acquire({ onWaiting: () => (waits += 1) });
      void second.then(() => (isGiven = true));
      const third = await locks.lock().acquire({ signal: AbortSignal.timeout(150) });
      expect(third).toBeNull();
      await vi.waitFor(() => expect(waits).toBe(1), PATIENCE_MS);
      expect(isGiven).toBe(false);
      await first!.release();
      await (await second)!.release();
      expect(waits).toBe(1);
    });

    it('can be taken again after its release', async () => {
      const lock = locks.lock();
      await (await lock.acquire({}))!.release();
      const again = await lock.acquire({ signal: AbortSignal.timeout(2_000) });
      expect(again).not.toBeNull();
      await again!.release();
    });

    it('is released once: a second release does not take it from the next holder', async () => {
      const first = await locks.lock().acquire({});
      await first!.release();
      const second = await locks.lock().acquire({});
      await first!.release();
      expect(await locks.lock().acquire({ signal: AbortSignal.timeout(50) })).toBeNull();
      await second!.release();
    });

    it('gives up when the signal aborts, and does not hold it then', async () => {
      const holder = await locks.lock().acquire({});
      const giveUp = new AbortController();
      const waiting = locks.lock().acquire({ onWaiting: () => giveUp.abort(), signal: giveUp.signal });
      expect(await waiting).toBeNull();
      await holder!.release();
      const next = await locks.lock().acquire({ signal: AbortSignal.timeout(2_000) });
      expect(next).not.toBeNull();
      await next!.release();
    });

    it('does not even begin when the signal has aborted before', async () => {
      expect(await locks.lock().acquire({ signal: AbortSignal.abort() })).toBeNull();
    });

    it('serves all who wait, one after the other', async () => {
      let holders = 0;
      let holdersMax = 0;
      const turn = async () => {
        const handle = await locks.lock().acquire({});
        holders += 1;
        holdersMax = Math.max(holdersMax, holders);
        await Promise.resolve();
        holders -= 1;
        await handle!.release();
      };
      await Promise.all([turn(), turn(), turn(), turn()]);
      expect(holdersMax).toBe(1);
    });
  });
}
