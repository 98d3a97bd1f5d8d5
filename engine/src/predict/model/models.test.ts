import { createSeededRandom } from '@kairos/ports/testing';
import type { MarketRegime } from '@kairos/schema';
import KNN from 'ml-knn';
import { describe, expect, it } from 'vitest';
import { DRIFT, DRIFT_SPAN, FEATURE_COUNT, VOLATILITY } from '../features/features.js';
import { trainEnsemble } from './ensemble.js';
import { trainNeighbours } from './neighbours.js';
import { nameOf, trainRegimes } from './regimes.js';
import { trainRegression } from './regression.js';
import type { Table } from './standardise.js';
import { rowsOf, standardised, standardOf } from './standardise.js';

function randomTable(rows: number, columns: number, seed = 1): Table {
  const random = createSeededRandom(seed);
  return { values: Float64Array.from({ length: rows * columns }, () => random() - 0.5), rows, columns };
}

describe('standard units', () => {
  it('give every column a mean of 0 and a spread of 1', () => {
    const table = randomTable(200, 3);
    for (let i = 0; i < table.values.length; i += 3) table.values[i]! *= 1e-9;
    const again = standardOf(standardised(table, standardOf(table)));
    for (const mean of again.mean) expect(mean).toBeCloseTo(0, 9);
    for (const spread of again.spread) expect(spread).toBeCloseTo(1, 9);
  });

  it('leave a column that never varies at 0', () => {
    const table = { values: new Float64Array(50).fill(0.1), rows: 50, columns: 1 };
    for (const value of standardised(table, standardOf(table)).values) expect(value).toBeCloseTo(0, 9);
  });
});

describe('regression', () => {
  it('finds the plane that returns lie on', () => {
    const table = randomTable(300, 3);
    const returns = Float64Array.from(rowsOf(table), ([a = 0, b = 0, c = 0]) => 0.01 + 0.5 * a - 0.25 * b + 2 * c);
    const regression = trainRegression(table, returns)!;
    expect(regression.predict(Float64Array.of(1, 2, 3))).toBeCloseTo(0.01 + 0.5 - 0.5 + 6, 9);
  });

  it('survives columns that say nothing', () => {
    const table = { values: new Float64Array(600), rows: 200, columns: 3 };
    const regression = trainRegression(table, new Float64Array(200).fill(0.02))!;
    expect(regression.predict(Float64Array.of(0, 0, 0))).toBeCloseTo(0.02, 9);
  });
});

describe('neighbours', () => {
  it('are the same as those that ml-knn finds', () => {
    const table = randomTable(400, 5);
    const labels = Array.from({ length: table.rows }, (_, i) => i);
    const distance = (a: number[], b: number[]): number => {
      let sum = 0;
      for (let i = 0; i < table.columns; i++) sum += (a[i]! - b[i]!) ** 2;
      return sum;
    };
    const reference = new KNN(rowsOf(table), labels, { k: 25, distance });
    const neighbours = trainNeighbours(table, new Float64Array(table.rows), 25);
    for (const query of rowsOf(randomTable(100, 5, 2))) {
      const expected = reference.kdTree.nearest(query, 25).map(([point]) => point.at(-1)!);
      expect(new Set(neighbours.nearest(Float64Array.from(query)))).toEqual(new Set(expected));
    }
  });

  it('vote by the share of them that went up', () => {
    const table = { values: Float64Array.of(0, 1, 2, 10, 11, 12), rows: 6, columns: 1 };
    const neighbours = trainNeighbours(table, Float64Array.of(1, 1, -1, -1, -1, 0), 3);
    expect(neighbours.shareUp(Float64Array.of(1))).toBeCloseTo(2 / 3, 12);
    expect(neighbours.shareUp(Float64Array.of(11))).toBe(0);
  });

  it('are all there are when there are few', () => {
    const table = { values: Float64Array.of(0, 1), rows: 2, columns: 1 };
    expect(trainNeighbours(table, Float64Array.of(1, -1), 25).shareUp(Float64Array.of(5))).toBe(0.5);
  });
});

describe('regimes', () => {
  const standard = { mean: new Float64Array(FEATURE_COUNT), spread: new Float64Array(FEATURE_COUNT).fill(1) };
  standard.mean[VOLATILITY] = 1;
  standard.spread[VOLATILITY] = 0.5;
  const chance = Math.sqrt(DRIFT_SPAN);

  it.each<[string, number, number, MarketRegime]>([
    ['rises further than chance would', 2 * chance, 0, 'TRENDING_UP'],
    ['falls further than chance would', -2 * chance, 0, 'TRENDING_DOWN'],
    ['goes nowhere quietly', 0.1, -1, 'RANGING'],
    ['goes nowhere wildly', 0.1, 2, 'VOLATILE'],
    ['rises no further than its swing explains', 1 * chance, 2, 'VOLATILE'],
  ])('a centre that %s', (_name, drift, volatility, expected) => {
    expect(nameOf(drift, volatility, standard)).toBe(expected);
  });

  it('of one table are the same every time', () => {
    const table = randomTable(500, FEATURE_COUNT);
    expect(trainRegimes(table, standardOf(table)).centres).toEqual(trainRegimes(table, standardOf(table)).centres);
  });

  it('put a row where the nearest centre is', () => {
    const table = randomTable(500, FEATURE_COUNT);
    const regimes = trainRegimes(table, standardOf(table));
    for (const centre of regimes.centres) {
      const row = new Float64Array(FEATURE_COUNT);
      row[DRIFT] = centre.drift;
      row[VOLATILITY] = centre.volatility;
      expect(regimes.of(row)).toBe(centre.name);
    }
  });
});

describe('the three models together', () => {
  it('say nothing worth acting on about a market that never moved', () => {
    const table = { values: new Float64Array(300 * FEATURE_COUNT), rows: 300, columns: FEATURE_COUNT };
    const votes = trainEnsemble(table, new Float64Array(300))!.vote(new Float64Array(FEATURE_COUNT), 0);
    expect(votes).toEqual({ linearRegression: 0, knn: 0, regime: 'RANGING' });
  });
});
