/**
 * What the votes have been worth so far, on top of what chance alone would give.
 *
 * A prediction comes right upward when, within its horizon, some candle closes above its price by more than buying and
 * selling again costs; downward when one closes below it by as much. How often a market that swings like this one does
 * that by chance is known (`chanceAlone`); the past then says how much more or less often it happened after scores like
 * this one. Only predictions made before their outcome was known, and whose whole horizon has passed, are counted.
 * They overlap, so that a horizon's worth of them says little more than one: the excess is drawn towards 0 accordingly.
 */

/** Scores from -1 to 1 in this many equal bins. */
export const SCORE_BINS = 5;
/** Horizons of samples that a bin must bring before half of its excess is believed. */
const SHRINKAGE_HORIZONS = 8;
/** Chances are kept as whole millionths, so that sums are exact in any order. */
const MILLION = 1_000_000;
/** No chance is ever taken for certain. */
const CHANCE_MIN = 0.02;
/** A walk seen only at the close of each candle overshoots a level by this many candles' standard deviations. */
const OVERSHOOT = 0.5826;

/**
 * The chance that a driftless random walk is at or beyond `distance` after at least one of its `steps`. `volatility` is
 * the standard deviation of a step, in the same unit as `distance` (reflection principle, seen at whole steps only).
 */
export function chanceAlone(distance: number, volatility: number, steps: number): number {
  if (volatility <= 0) return 0;
  return 2 * normalTail((distance + OVERSHOOT * volatility) / (volatility * Math.sqrt(steps)));
}

/** P(X > x) of a standard normal X for x >= 0 (Abramowitz and Stegun 26.2.17, within 1e-7). */
function normalTail(x: number): number {
  const t = 1 / (1 + 0.2316419 * x);
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * poly;
}

/** The bin of a score; scores outside -1..1 belong to the outermost bins. */
export const scoreBin = (score: number): number =>
  Math.min(SCORE_BINS - 1, Math.max(0, Math.floor(((score + 1) / 2) * SCORE_BINS)));

/** A prediction whose horizon has passed. */
export interface Outcome {
  readonly bin: number;
  /** What chance alone would have given. */
  readonly chance: number;
  readonly cameUp: boolean;
  readonly cameDown: boolean;
}

export interface Calibration {
  add(outcome: Outcome): void;
  /** Forgets an outcome that was added before. */
  remove(outcome: Outcome): void;
  readonly samples: number;
  /** Chance that a prediction of this bin comes right in a direction, above 0 and below 1. */
  chanceOf(direction: 'up' | 'down', bin: number, chance: number): number;
}

/** Counts of one bin, and of all bins in the last place. */
interface Counts {
  readonly samples: Float64Array;
  readonly expected: Float64Array;
  readonly up: Float64Array;
  readonly down: Float64Array;
}

const ALL = SCORE_BINS;

export function createCalibration(horizon: number): Calibration {
  const column = () => new Float64Array(SCORE_BINS + 1);
  const counts: Counts = { samples: column(), expected: column(), up: column(), down: column() };
  const shrinkage = SHRINKAGE_HORIZONS * horizon;

  function change({ bin, chance, cameUp, cameDown }: Outcome, by: 1 | -1): void {
    for (const place of [bin, ALL]) {
      counts.samples[place]! += by;
      counts.expected[place]! += by * Math.round(chance * MILLION);
      counts.up[place]! += by * Number(cameUp);
      counts.down[place]! += by * Number(cameDown);
    }
  }

  return {
    add: (outcome) => change(outcome, 1),
    remove: (outcome) => change(outcome, -1),
    get samples() {
      return counts.samples[ALL]!;
    },
    chanceOf(direction, bin, chance) {
      const excessOf = (place: number): number => counts[direction][place]! - counts.expected[place]! / MILLION;
      const overall = excessOf(ALL) / (counts.samples[ALL]! + shrinkage);
      const samples = counts.samples[bin]!;
      const own = (excessOf(bin) - samples * overall) / (samples + shrinkage);
      return Math.min(1 - CHANCE_MIN, Math.max(CHANCE_MIN, chance + overall + own));
    },
  };
}
