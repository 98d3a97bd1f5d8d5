/** Multivariate linear regression of the return over the horizon on the features in standard units. */
import { MultivariateLinearRegression } from 'ml-regression';
import type { Table } from './standardise.js';
import { rowsOf } from './standardise.js';

export interface Regression {
  /** Predicted return over the horizon, as a fraction. */
  predict(row: Float64Array): number;
}

/** Null when the rows determine no finite weights. */
export function trainRegression(table: Table, returns: Float64Array): Regression | null {
  const outputs = Array.from(returns, (value) => [value]);
  const { weights } = new MultivariateLinearRegression(rowsOf(table), outputs, { intercept: true, statistics: false });
  const flat = Float64Array.from(weights, (weight) => weight[0]!);
  if (!flat.every(Number.isFinite)) return null;
  const { columns } = table;
  return {
    predict(row) {
      let sum = flat[columns]!;
      for (let i = 0; i < columns; i++) sum += flat[i]! * row[i]!;
      return sum;
    },
  };
}
