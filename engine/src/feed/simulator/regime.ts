/**
 * The market's moods: a Markov chain over trend up, trend down, range and high volatility. Up and down are alike, so
 * that no price drifts off in the long run.
 */
import type { Prng } from './prng.js';

export const REGIMES = ['TREND_UP', 'TREND_DOWN', 'RANGE', 'VOLATILE'] as const;
export type Regime = (typeof REGIMES)[number];

interface Mood {
  /** Chance per candle that the mood ends. */
  readonly leave: number;
  /** What comes next, with its chance; sums to 1. */
  readonly next: readonly (readonly [Regime, number])[];
  /** Drift per candle that the mood pulls towards, in standard deviations of a calm candle. */
  readonly drift: number;
  /** Of a calm candle's volatility. */
  readonly volatility: number;
}

export const MOODS: Readonly<Record<Regime, Mood>> = {
  TREND_UP: {
    leave: 1 / 130,
    next: [
      ['RANGE', 0.5],
      ['TREND_DOWN', 0.3],
      ['VOLATILE', 0.2],
    ],
    drift: 0.4,
    volatility: 0.8,
  },
  TREND_DOWN: {
    leave: 1 / 130,
    next: [
      ['RANGE', 0.5],
      ['TREND_UP', 0.3],
      ['VOLATILE', 0.2],
    ],
    drift: -0.4,
    volatility: 0.8,
  },
  RANGE: {
    leave: 1 / 25,
    next: [
      ['TREND_UP', 0.4],
      ['TREND_DOWN', 0.4],
      ['VOLATILE', 0.2],
    ],
    drift: 0,
    volatility: 0.7,
  },
  VOLATILE: {
    leave: 1 / 30,
    next: [
      ['TREND_DOWN', 0.35],
      ['TREND_UP', 0.35],
      ['RANGE', 0.3],
    ],
    drift: 0,
    volatility: 2.2,
  },
};

/** The mood of the next candle. `lead` is the whole market's mood, which a changing symbol often joins. */
export function nextRegime(current: Regime, prng: Prng, lead: Regime | null): Regime {
  if (prng.uniform() >= MOODS[current].leave) return current;
  if (lead !== null && prng.uniform() < JOIN_CHANCE) return lead;
  let left = prng.uniform();
  for (const [regime, chance] of MOODS[current].next) {
    left -= chance;
    if (left < 0) return regime;
  }
  return current;
}

const JOIN_CHANCE = 0.1;
