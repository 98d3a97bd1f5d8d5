/** Every number that the predictor was tuned with, and every limit that it keeps. */
import type { Interval } from '@kairos/schema';

/** How many candles ahead a prediction looks: long enough for an ordinary swing to pay two commissions. */
export const HORIZON_CANDLES: Readonly<Record<Interval, number>> = {
  '1m': 60,
  '5m': 48,
  '15m': 32,
  '1h': 24,
  '4h': 12,
  '1d': 7,
};

/** Candles without a gap that the features need: after a gap a symbol is silent for this many. */
export const WARM_UP_CANDLES = 60;
/** Models are trained on the rows of the last this many candles whose horizon has passed. */
export const TRAINING_WINDOW = 1_000;
/** Fewer rows than this make no model. */
export const TRAINING_ROWS_MIN = 200;
/** Models are trained anew whenever world time enters another span of this many intervals. */
export const RETRAIN_CANDLES = 60;
/** Past predictions that confidence is measured on: those of the last this many candles whose horizon has passed. */
export const CALIBRATION_WINDOW = 1_000;
/** Fewer resolved predictions than this give no confidence. */
export const CALIBRATION_SAMPLES_MIN = 100;
/** Candles that a prediction depends on, at the most: folds that begin earlier than this give the same bytes. */
export const MEMORY_CANDLES = (horizon: number): number =>
  WARM_UP_CANDLES + TRAINING_WINDOW + CALIBRATION_WINDOW + 2 * (horizon + RETRAIN_CANDLES) + 1;

/** Neighbours that vote. */
export const NEIGHBOURS = 25;
/** Clusters that market regimes are made of; several may bear one name. */
export const REGIME_CLUSTERS = 4;
export const REGIME_SEED = 20_240_808;
export const REGIME_ITERATIONS_MAX = 25;
export const REGIME_TOLERANCE = 1e-4;

/** Records read from the bus at a time, and how long to wait for the first. */
export const BATCH_RECORDS_MAX = 500;
export const POLL_WAIT_MS = 250;
/** Records of the end of a partition that are looked at together. */
export const TAIL_RECORDS = 1_000;

/** Waiting between tries while bus or store do not answer, and how long it is tried at all. */
export const RETRY_MS_MIN = 100;
export const RETRY_MS_MAX = 5_000;
export const RETRY_FOR_MS_MAX = 600_000;

/** Records between two places from which a restart could begin. */
export const MILESTONE_RECORDS = 1_000;
/** Places remembered while none is far enough behind: beyond it no further one is. */
export const MILESTONES_MAX = 1_000;
/** Wall time between two fetches of one symbol's history because of a gap. */
export const HISTORY_INTERVAL_MS = 600_000;
