import type { Instant, Money } from '@kairos/schema';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@kairos/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoredEquityPoint } from './read-models.js';
import { samplePoint, SAMPLE_TIME } from './samples.js';
import { dueThinning, superfluous, THINNING_TIERS } from './thinning.js';

type Curve = Map<number, StoredEquityPoint>;

const point = (ms: number, equity: number): StoredEquityPoint => ({
  ...samplePoint('acc-1', 0, '0'),
  time: (SAMPLE_TIME + ms) as Instant,
  equity: BigInt(equity) as Money,
});

/** What a store does with points that come in one entry. */
function add(curve: Curve, points: readonly StoredEquityPoint[]): void {
  const newest = curve.size === 0 ? null : (Math.max(...curve.keys()) as Instant);
  for (const one of points) curve.set(one.time, one);
  const times = points.map(({ time }) => time);
  for (const { after, through, stretchMs } of dueThinning(newest, times)) {
    const within = inOrder(curve).filter(({ time }) => time > after && time <= through);
    for (const { time } of superfluous(within, stretchMs)) curve.delete(time);
  }
}

const inOrder = (curve: Curve) => [...curve.values()].sort((a, b) => a.time - b.time);

const grown = (batches: readonly (readonly StoredEquityPoint[])[]) => {
  const curve: Curve = new Map();
  for (const batch of batches) if (batch.length > 0) add(curve, batch);
  return inOrder(curve);
};

/** Points in order of time, at steps from seconds to days, in batches of any size. */
const batches = fc
  .array(
    fc.array(
      fc.tuple(fc.constantFrom(1_000, MINUTE_MS / 2, MINUTE_MS, 20 * MINUTE_MS, 7 * HOUR_MS, 9 * DAY_MS), fc.nat(9)),
      {
        maxLength: 30,
      },
    ),
    { maxLength: 20 },
  )
  .map((drawn) => {
    let ms = 0;
    return drawn.map((batch) => batch.map(([step, equity]) => point((ms += step), equity)));
  });

describe('thinning with age', () => {
  it('leaves the same curve however the points came', () => {
    fc.assert(
      fc.property(batches, (drawn) => {
        const all = drawn.flat();
        expect(grown(drawn)).toEqual(grown([all]));
        expect(grown(drawn)).toEqual(grown(all.map((one) => [one])));
      }),
    );
  });

  it.each([
    ['day', DAY_MS, Infinity],
    ['hour of the last 60 days', HOUR_MS, 60 * DAY_MS],
    ['minute of the last 2 days', MINUTE_MS, 2 * DAY_MS],
  ])('keeps the first, the lowest, the highest and the last point of every %s', (_name, stretchMs, ageMs) => {
    fc.assert(
      fc.property(batches, (drawn) => {
        const all = drawn.flat();
        const begin = Math.ceil(((all.at(-1)?.time ?? 0) - ageMs) / stretchMs) * stretchMs;
        const told = all.filter(({ time }) => time > begin);
        const spare = new Set(superfluous(told, stretchMs));
        const kept = new Set(grown(drawn).map(({ time }) => time));
        expect(told.filter((one) => !spare.has(one) && !kept.has(one.time))).toEqual([]);
      }),
    );
  });

  it('never loses the lowest or the highest point of all, nor either end', () => {
    fc.assert(
      fc.property(batches, (drawn) => {
        const [all, kept] = [drawn.flat(), grown(drawn)];
        if (all.length === 0) return;
        const equities = (points: readonly StoredEquityPoint[]) => points.map(({ equity }) => Number(equity));
        expect([kept[0], kept.at(-1)]).toEqual([all[0], all.at(-1)]);
        expect(Math.min(...equities(kept))).toBe(Math.min(...equities(all)));
        expect(Math.max(...equities(kept))).toBe(Math.max(...equities(all)));
      }),
    );
  });

  it('takes points that come again as if they had come once', () => {
    fc.assert(
      fc.property(batches, fc.nat(), (drawn, pick) => {
        const again = drawn[drawn.length === 0 ? 0 : pick % drawn.length] ?? [];
        expect(grown([...drawn, again])).toEqual(grown(drawn));
      }),
    );
  });

  it('keeps at most four points a day of what is older than two months, and every candle of the last two days', () => {
    const curve = grown([
      Array.from({ length: 100 * 1_440 }, (_, minute) => point(minute * MINUTE_MS, (minute * 7919) % 997)),
    ]);
    const newest = curve.at(-1)!.time;
    const younger = (ageMs: number) => curve.filter(({ time }) => newest - time < ageMs).length;
    expect(younger(THINNING_TIERS[1]!.ageMs)).toBe(2 * 1_440);
    expect(curve.length - younger(61 * DAY_MS)).toBeLessThanOrEqual(39 * 4 + 1);
    expect(curve.length).toBeLessThan(10_000);
  });
});
