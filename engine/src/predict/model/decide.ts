/** From three votes to one opinion. */
import type { MarketRegime, ModelVotes, SignalAction } from '@kairos/schema';
import type { Calibration } from './calibration.js';
import { scoreBin } from './calibration.js';

/** An action and how sure it is: for BUY and SELL the chance that it comes right, for HOLD that the better side does not. */
export interface Opinion {
  readonly action: SignalAction;
  /** 0..1. */
  readonly confidence: number;
}

const REGIME_LEAN: Readonly<Record<MarketRegime, number>> = {
  TRENDING_UP: 1,
  TRENDING_DOWN: -1,
  RANGING: 0,
  VOLATILE: 0,
};
/** What each vote, from -1 to 1, weighs in the score. */
const WEIGHTS = { linearRegression: 0.4, knn: 0.4, regime: 0.2 };

/** The votes as one number from -1 (down) to 1 (up). `returnSpread` is the unit of the predicted return. */
export function scoreOf(votes: ModelVotes, returnSpread: number): number {
  const linear = Math.max(-1, Math.min(1, votes.linearRegression / returnSpread));
  return (
    WEIGHTS.linearRegression * linear + WEIGHTS.knn * (2 * votes.knn - 1) + WEIGHTS.regime * REGIME_LEAN[votes.regime]
  );
}

/** BUY or SELL when the predicted return pays `costs` (a fraction of the price) and no other vote says otherwise. */
export function actionOf(votes: ModelVotes, costs: number): SignalAction {
  const lean = REGIME_LEAN[votes.regime];
  if (votes.linearRegression > costs && votes.knn > 0.5 && lean >= 0) return 'BUY';
  if (votes.linearRegression < -costs && votes.knn < 0.5 && lean <= 0) return 'SELL';
  return 'HOLD';
}

/** What is known of the past and of chance when an opinion is formed. */
export interface Odds {
  readonly calibration: Calibration;
  /** What buying and selling again costs, as a fraction of the price. */
  readonly costs: number;
  /** Chance that the market moves that far within the horizon whatever the votes say. */
  readonly chance: number;
}

/** The action of the votes with its calibrated chance. */
export function decide(votes: ModelVotes, score: number, { calibration, costs, chance }: Odds): Opinion {
  const action = actionOf(votes, costs);
  const bin = scoreBin(score);
  const up = calibration.chanceOf('up', bin, chance);
  const down = calibration.chanceOf('down', bin, chance);
  if (action === 'BUY') return { action, confidence: up };
  if (action === 'SELL') return { action, confidence: down };
  return { action, confidence: 1 - Math.max(up, down) };
}
