/** Market regimes: k-means clusters of (drift, volatility), named by what their centres are. */
import type { MarketRegime } from '@kairos/schema';
import { kmeans } from 'ml-kmeans';
import { DRIFT, DRIFT_SPAN, VOLATILITY } from '../features/features.js';
import { REGIME_CLUSTERS, REGIME_ITERATIONS_MAX, REGIME_SEED, REGIME_TOLERANCE } from '../limits.js';
import type { Standard, Table } from './standardise.js';

/** Drift in units of what chance alone would give over its span: from here on it counts as a trend. */
const TREND_MIN = 0.75;
/** Volatility above the training window's mean by this share of its spread counts as volatile. */
const VOLATILE_MIN = 0.5;

export interface Regimes {
  /** The regime of a row in standard units. */
  of(row: Float64Array): MarketRegime;
  /** Centres in standard units and their names. */
  readonly centres: readonly { readonly drift: number; readonly volatility: number; readonly name: MarketRegime }[];
}

/** The name of a centre in standard units. */
export function nameOf(drift: number, volatility: number, standard: Standard): MarketRegime {
  const moved = drift * standard.spread[DRIFT]! + standard.mean[DRIFT]!;
  const swing = volatility * standard.spread[VOLATILITY]! + standard.mean[VOLATILITY]!;
  const trend = TREND_MIN * Math.max(swing, 0) * Math.sqrt(DRIFT_SPAN);
  if (moved > 0 && moved >= trend) return 'TRENDING_UP';
  if (moved < 0 && -moved >= trend) return 'TRENDING_DOWN';
  return volatility > VOLATILE_MIN ? 'VOLATILE' : 'RANGING';
}

export function trainRegimes(table: Table, standard: Standard): Regimes {
  const points = Array.from({ length: table.rows }, (_, i) => [
    table.values[i * table.columns + DRIFT]!,
    table.values[i * table.columns + VOLATILITY]!,
  ]);
  const { centroids } = kmeans(points, REGIME_CLUSTERS, {
    seed: REGIME_SEED,
    initialization: 'random',
    maxIterations: REGIME_ITERATIONS_MAX,
    tolerance: REGIME_TOLERANCE,
  });
  const centres = centroids.map((centre) => {
    const [drift = 0, volatility = 0] = centre;
    return { drift, volatility, name: nameOf(drift, volatility, standard) };
  });
  return {
    centres,
    of(row) {
      let best = centres[0]!;
      let least = Infinity;
      for (const centre of centres) {
        const distance = (row[DRIFT]! - centre.drift) ** 2 + (row[VOLATILITY]! - centre.volatility) ** 2;
        if (distance >= least) continue;
        best = centre;
        least = distance;
      }
      return best.name;
    },
  };
}
