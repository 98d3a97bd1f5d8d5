import type { MarketRegime, SignalAction } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { createCalibration } from './calibration.js';
import { actionOf, decide, scoreOf } from './decide.js';

const COSTS = 0.002;

describe('what the votes come to', () => {
  it.each<[string, number, number, MarketRegime, SignalAction]>([
    ['all say up', 0.004, 0.7, 'TRENDING_UP', 'BUY'],
    ['up without a trend', 0.004, 0.7, 'RANGING', 'BUY'],
    ['up, but the move does not pay its costs', 0.0019, 0.7, 'TRENDING_UP', 'HOLD'],
    ['up, but the neighbours went down', 0.004, 0.4, 'TRENDING_UP', 'HOLD'],
    ['up against the trend', 0.004, 0.7, 'TRENDING_DOWN', 'HOLD'],
    ['all say down', -0.004, 0.3, 'TRENDING_DOWN', 'SELL'],
    ['down in a wild market', -0.004, 0.3, 'VOLATILE', 'SELL'],
    ['down, but the move does not pay its costs', -0.0019, 0.3, 'TRENDING_DOWN', 'HOLD'],
    ['down against the trend', -0.004, 0.3, 'TRENDING_UP', 'HOLD'],
    ['undecided neighbours', 0.004, 0.5, 'TRENDING_UP', 'HOLD'],
  ])('%s', (_name, linearRegression, knn, regime, action) => {
    expect(actionOf({ linearRegression, knn, regime }, COSTS)).toBe(action);
  });

  it('a score runs from -1 to 1', () => {
    expect(scoreOf({ linearRegression: 9, knn: 1, regime: 'TRENDING_UP' }, 0.01)).toBeCloseTo(1, 12);
    expect(scoreOf({ linearRegression: -9, knn: 0, regime: 'TRENDING_DOWN' }, 0.01)).toBeCloseTo(-1, 12);
    expect(scoreOf({ linearRegression: 0, knn: 0.5, regime: 'RANGING' }, 0.01)).toBe(0);
  });
});

describe('how sure an opinion is', () => {
  const votes = { linearRegression: 0.004, knn: 0.7, regime: 'TRENDING_UP' } as const;
  const calibration = createCalibration(10);
  for (let i = 0; i < 800; i++) calibration.add({ bin: 4, chance: 0.6, cameUp: true, cameDown: i % 2 === 0 });
  const odds = { calibration, costs: COSTS, chance: 0.6 };

  it('is for BUY the chance upward, for SELL the chance downward', () => {
    const down = { linearRegression: -0.004, knn: 0.3, regime: 'TRENDING_DOWN' } as const;
    expect(decide(votes, 0.9, odds)).toEqual({ action: 'BUY', confidence: calibration.chanceOf('up', 4, 0.6) });
    expect(decide(down, -0.9, odds)).toEqual({ action: 'SELL', confidence: calibration.chanceOf('down', 0, 0.6) });
  });

  it('is for HOLD the chance that the better side does not come right', () => {
    const hold = decide({ ...votes, knn: 0.5 }, 0.9, odds);
    expect(hold.action).toBe('HOLD');
    expect(hold.confidence).toBeCloseTo(1 - calibration.chanceOf('up', 4, 0.6), 12);
  });
});
