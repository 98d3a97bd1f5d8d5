import { createSimulatedClock } from '@kairos/ports/testing';
import type { Instant } from '@kairos/schema';
import { afterEach, describe, expect, it } from 'vitest';
import { createPacer } from './pacer.js';

const clock = createSimulatedClock(1_700_000_000_000 as Instant);
const pacers: { stop(): void }[] = [];
afterEach(() => pacers.splice(0).forEach((pacer) => pacer.stop()));

function start(pace: { gapMinMs: number; gapMaxMs: number }) {
  const sentAt: number[] = [];
  const begun = clock.monotonicMs();
  const pacer = createPacer(clock, pace, () => sentAt.push(clock.monotonicMs() - begun));
  pacers.push(pacer);
  return { pacer, sentAt };
}

describe('a pacer', () => {
  it('sends a change at once, and further ones when the gap is over, together', async () => {
    const { pacer, sentAt } = start({ gapMinMs: 250, gapMaxMs: Infinity });
    pacer.touch();
    await clock.advance(10);
    pacer.touch();
    pacer.touch();
    await clock.advance(0);
    await clock.advance(1_000);
    expect(sentAt).toEqual([0, 250]);
  });

  it('sends at most four times a second however much changes', async () => {
    const { pacer, sentAt } = start({ gapMinMs: 250, gapMaxMs: 2_000 });
    for (let i = 0; i < 99; i++) {
      pacer.touch();
      await clock.advance(10);
    }
    expect(sentAt).toEqual([0, 250, 500, 750]);
  });

  it('sends at least every so often without a change', async () => {
    const { pacer, sentAt } = start({ gapMinMs: 250, gapMaxMs: 2_000 });
    pacer.touch();
    await clock.advance(6_500);
    expect(sentAt).toEqual([0, 2_000, 4_000, 6_000]);
  });

  it('is silent once stopped', async () => {
    const { pacer, sentAt } = start({ gapMinMs: 250, gapMaxMs: 2_000 });
    pacer.stop();
    pacer.touch();
    await clock.advance(10_000);
    expect(sentAt).toEqual([]);
  });
});
