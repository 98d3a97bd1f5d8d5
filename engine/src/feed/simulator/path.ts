/**
 * One price path, candle by candle: moods with a drift that builds up and dies down slowly, volatility that comes in
 * clusters, now and then a jump, and a weak pull home, so that no path runs off for good.
 *
 * All numbers are logarithms of prices and statistics; money is made from them only at the tick (`candles.ts`).
 */
import type { Prng, PrngState } from './prng.js';
import { createPrng, seedPrng } from './prng.js';
import type { Regime } from './regime.js';
import { MOODS, nextRegime } from './regime.js';

/** Everything that a path's next candles depend on; plain JSON. */
export interface PathState {
  readonly prng: PrngState;
  readonly regime: Regime;
  /** Logarithm of price over home price. */
  readonly level: number;
  /** Current drift, in standard deviations. */
  readonly drift: number;
  /** Variance of the moment over that of a calm time. */
  readonly heat: number;
  /** Level that a range swings around. */
  readonly centre: number;
}

/** What one candle of a path did. Sizes are in standard deviations of a calm candle. */
export interface PathStep {
  readonly from: number;
  readonly to: number;
  /** How far the price went beyond both ends within the candle, upwards and downwards. */
  readonly reachUp: number;
  readonly reachDown: number;
  /** The chance part of the return: what correlated paths share. */
  readonly shock: number;
  readonly regime: Regime;
  /** Volume over that of a calm candle. */
  readonly activity: number;
}

export interface Path {
  /** `lead`: the whole market's step, which this one follows in part; null for the market itself. */
  step(lead: PathStep | null): PathStep;
  state(): PathState;
}

const DRIFT_MEMORY = 0.9;
const RANGE_PULL = 0.12;
/** Of a minute's candle: half of the way home takes about 2,300 of them. */
const HOME_PULL = 0.0003;
const HEAT_MEMORY = 0.9;
const HEAT_FROM_SHOCK = 0.07;
const HEAT_MAX = 6;
const JUMP_CHANCE = 0.0008;
const JUMP_SIZE_MIN = 4;
const JUMP_SIZE_SPREAD = 6;
/** Correlation of a symbol's shocks with the market's. */
const MARKET_SHARE = 0.7;
const OWN_SHARE = Math.sqrt(1 - MARKET_SHARE ** 2);
/** How far a home price may differ from the profile's at the start, as a logarithm. */
const START_SPREAD = 0.1;

/** The beginning of a path. */
export function startPath(seed: number, label: string): PathState {
  const prng = createPrng(seedPrng(seed, label));
  const level = (prng.uniform() * 2 - 1) * START_SPREAD;
  return { prng: prng.state(), regime: 'RANGE', level, drift: 0, heat: 1, centre: level };
}

export interface PathOptions {
  /** Standard deviation of a calm minute's return. */
  readonly minuteSigma: number;
  /** How much more a candle moves than a minute's does. */
  readonly lengthFactor: number;
}

export function createPath(from: PathState, { minuteSigma, lengthFactor }: PathOptions): Path {
  const sigma = minuteSigma * lengthFactor;
  const homePull = HOME_PULL * lengthFactor ** 2;
  const prng = createPrng(from.prng);
  let { regime, level, drift, heat, centre } = from;
  return {
    step(lead) {
      const before = regime;
      regime = nextRegime(regime, prng, lead?.regime ?? null);
      if (regime !== before) centre = level;
      drift = DRIFT_MEMORY * drift + (1 - DRIFT_MEMORY) * MOODS[regime].drift;
      const own = prng.normal();
      const shock = lead === null ? own : MARKET_SHARE * lead.shock + OWN_SHARE * own;
      const volatility = MOODS[regime].volatility * Math.sqrt(heat);
      const pull = (regime === 'RANGE' ? RANGE_PULL * (centre - level) : 0) - homePull * level;
      const from = level;
      level += sigma * (drift + volatility * shock + drawJump(prng)) + pull;
      heat = Math.min(
        HEAT_MAX,
        1 - HEAT_MEMORY - HEAT_FROM_SHOCK + heat * (HEAT_MEMORY + HEAT_FROM_SHOCK * shock ** 2),
      );
      return { from, to: level, shock, regime, ...drawInside(prng, { sigma, volatility, move: level - from }) };
    },
    state: () => ({ prng: prng.state(), regime, level, drift, heat, centre }),
  };
}

function drawJump(prng: Prng): number {
  if (prng.uniform() >= JUMP_CHANCE) return 0;
  const size = JUMP_SIZE_MIN + JUMP_SIZE_SPREAD * prng.uniform();
  return prng.uniform() < 0.5 ? -size : size;
}

/** What happens between a candle's ends: how far beyond them it reaches, and how much is traded. */
function drawInside(prng: Prng, candle: { sigma: number; volatility: number; move: number }) {
  const reach = candle.sigma * candle.volatility * 0.5;
  const liveliness = 0.5 + 0.5 * candle.volatility + 0.5 * (Math.abs(candle.move) / candle.sigma);
  return {
    reachUp: Math.abs(prng.normal()) * reach,
    reachDown: Math.abs(prng.normal()) * reach,
    activity: liveliness * Math.exp(0.45 * prng.normal()),
  };
}
