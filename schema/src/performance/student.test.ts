import { expect, it } from 'vitest';
import { studentTwoSided } from './student.js';

it.each([
  // Critical values of printed t-tables.
  [0, 7, 1],
  [1, 1, 0.5],
  [12.7062047364, 1, 0.05],
  [63.6567411629, 1, 0.01],
  [4.3026527297, 2, 0.05],
  [2.7764451052, 4, 0.05],
  [2.228138852, 10, 0.05],
  [3.1692726726, 10, 0.01],
  [2.0422724563, 30, 0.05],
  [1.9839715185, 100, 0.05],
  [1.9623390808, 1000, 0.05],
])('|t| of %s with %s degrees of freedom has the chance %s', (t, freedom, chance) => {
  expect(studentTwoSided(t, freedom)).toBeCloseTo(chance, 9);
  expect(studentTwoSided(-t, freedom)).toBe(studentTwoSided(t, freedom));
});
