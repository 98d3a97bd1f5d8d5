import type { Price } from '../value/decimal.js';
import type { Instant } from '../value/instant.js';

export const SIGNAL_ACTIONS = ['BUY', 'SELL', 'HOLD'] as const;
export type SignalAction = (typeof SIGNAL_ACTIONS)[number];

export const MARKET_REGIMES = ['TRENDING_UP', 'TRENDING_DOWN', 'RANGING', 'VOLATILE'] as const;
export type MarketRegime = (typeof MARKET_REGIMES)[number];

/** The `source` of Kairos's own predictor. */
export const PREDICTOR_SOURCE = 'kairos-predictor';

/** What each model said. */
export interface ModelVotes {
  /** Predicted return over the horizon, as a fraction. */
  readonly linearRegression: number;
  /** Share of neighbours that went up, 0..1. */
  readonly knn: number;
  readonly regime: MarketRegime;
}

/** A model's opinion of one symbol at one moment. */
export interface Signal {
  readonly id: string;
  readonly symbol: string;
  readonly action: SignalAction;
  /** 0..1. */
  readonly confidence: number;
  readonly price: Price;
  /** As sent; the predictor's is the close time of its candle. */
  readonly time: Instant;
  readonly source: string;
  readonly horizonSeconds: number | null;
  readonly votes: ModelVotes | null;
}
