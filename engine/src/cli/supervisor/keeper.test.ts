import { createMemoryLog, createSimulatedClock, SAMPLE_TIME } from '@kairos/ports/testing';
import { describe, expect, it } from 'vitest';
import type { Child } from './keeper.js';
import { keepRunning, TERMINATE_MS_MAX } from './keeper.js';

/** A process that ends when the test says so. */
function fakeChild() {
  const asked: string[] = [];
  let end: (ended: { code: number | null; signal: string | null }) => void = () => undefined;
  const ended: Child['ended'] = new Promise((resolve) => {
    end = resolve;
  });
  return {
    asked,
    exit: (code: number) => end({ code, signal: null }),
    die: (signal: string) => end({ code: null, signal }),
    child: {
      ended,
      terminate: () => void asked.push('terminate'),
      kill: () => void asked.push('kill'),
    } satisfies Child,
  };
}

function kept() {
  const clock = createSimulatedClock(SAMPLE_TIME);
  const children: ReturnType<typeof fakeChild>[] = [];
  const spawn = () => {
    const fake = fakeChild();
    children.push(fake);
    return fake.child;
  };
  const keeper = keepRunning('engine', { clock, log: createMemoryLog(), spawn });
  const newest = () => children.at(-1)!;
  return { clock, children, keeper, newest };
}

describe('a process that dies', () => {
  it('is started again after 0.25 s, then after twice as long each time', async () => {
    const { clock, children, newest } = kept();
    for (const [failures, waitMs] of [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000].entries()) {
      newest().die('SIGKILL');
      await clock.advance(0);
      await clock.advance(waitMs - 1);
      expect(children).toHaveLength(failures + 1);
      await clock.advance(1);
      expect(children).toHaveLength(failures + 2);
    }
  });

  it('after 30 s of health starts again after 0.25 s', async () => {
    const { clock, children, newest } = kept();
    for (const waitMs of [250, 500, 1_000]) {
      newest().exit(1);
      await clock.advance(0);
      await clock.advance(waitMs);
    }
    await clock.advance(30_000);
    newest().exit(1);
    await clock.advance(0);
    await clock.advance(250);
    expect(children).toHaveLength(5);
  });

  it('for its configuration is given up, with exit code 2', async () => {
    const { children, keeper, newest } = kept();
    newest().exit(2);
    expect(await keeper.ended).toBe(2);
    expect(children).toHaveLength(1);
  });
});

describe('stopping', () => {
  it('asks the process to end, and starts it no more', async () => {
    const { clock, children, keeper, newest } = kept();
    const stopped = keeper.stop();
    expect(newest().asked).toEqual(['terminate']);
    newest().exit(0);
    await stopped;
    await clock.advance(60_000);
    expect(await keeper.ended).toBe(0);
    expect(children).toHaveLength(1);
    expect(newest().asked).toEqual(['terminate']);
  });

  it('ends a process at once that has not ended in time', async () => {
    const { clock, keeper, newest } = kept();
    const stopped = keeper.stop();
    await clock.advance(TERMINATE_MS_MAX - 1);
    expect(newest().asked).toEqual(['terminate']);
    await clock.advance(1);
    expect(newest().asked).toEqual(['terminate', 'kill']);
    newest().die('SIGKILL');
    await stopped;
  });

  it('does not wait for the next start of one that just died', async () => {
    const { clock, children, keeper, newest } = kept();
    newest().exit(1);
    await clock.advance(0);
    await keeper.stop();
    expect(await keeper.ended).toBe(0);
    expect(children).toHaveLength(1);
  });

  it('twice is harmless', async () => {
    const { keeper, newest } = kept();
    const both = Promise.all([keeper.stop(), keeper.stop()]);
    newest().exit(0);
    await both;
    expect(await keeper.ended).toBe(0);
  });
});
