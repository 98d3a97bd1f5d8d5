/** The three models of one symbol, trained together on one window of the past. */
import type { ModelVotes } from '@kairos/schema';
import { NEIGHBOURS } from '../limits.js';
import { trainNeighbours } from './neighbours.js';
import { trainRegimes } from './regimes.js';
import { trainRegression } from './regression.js';
import type { Table } from './standardise.js';
import { standardise, standardised, standardOf } from './standardise.js';

export interface Ensemble {
  /** Rows it was trained on. */
  readonly rows: number;
  /** Spread of the returns it was trained on: the unit in which a predicted return is small or large. */
  readonly returnSpread: number;
  /** Votes on the row of features that begins at index `at` of `values`. */
  vote(values: Float64Array, at: number): ModelVotes;
}

/** Null when the rows determine no model. */
export function trainEnsemble(table: Table, returns: Float64Array): Ensemble | null {
  const standard = standardOf(table);
  const rows = standardised(table, standard);
  const regression = trainRegression(rows, returns);
  if (!regression) return null;
  const neighbours = trainNeighbours(rows, returns, NEIGHBOURS);
  const regimes = trainRegimes(rows, standard);
  const { spread } = standardOf({ values: returns, rows: returns.length, columns: 1 });
  const row = new Float64Array(table.columns);
  return {
    rows: table.rows,
    returnSpread: spread[0]!,
    vote(values, at) {
      standardise(standard, { values, at }, row);
      return { linearRegression: regression.predict(row), knn: neighbours.shareUp(row), regime: regimes.of(row) };
    },
  };
}
