/** Standardisation: columns in units of their own spread, with means and spreads of the training rows alone. */

/** Rows of `columns` numbers each, one after the other. */
export interface Table {
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

export interface Standard {
  readonly mean: Float64Array;
  /** 1 for a column that never varies. */
  readonly spread: Float64Array;
}

/** A spread below this share of the column's mean is rounding, not variation. */
const VARIATION_MIN = 1e-12;

/** Mean and spread of every column of a table. */
export function standardOf({ values, rows, columns }: Table): Standard {
  const mean = new Float64Array(columns);
  const spread = new Float64Array(columns);
  for (let i = 0; i < rows * columns; i++) mean[i % columns]! += values[i]! / rows;
  for (let i = 0; i < rows * columns; i++) spread[i % columns]! += (values[i]! - mean[i % columns]!) ** 2 / rows;
  for (let column = 0; column < columns; column++) {
    const root = Math.sqrt(spread[column]!);
    spread[column] = root > VARIATION_MIN * Math.abs(mean[column]!) ? root : 1;
  }
  return { mean, spread };
}

/** Writes the row of `values` that begins at index `at` to `out` in standard units. */
export function standardise(standard: Standard, row: { values: Float64Array; at: number }, out: Float64Array): void {
  const { mean, spread } = standard;
  for (let i = 0; i < mean.length; i++) out[i] = (row.values[row.at + i]! - mean[i]!) / spread[i]!;
}

/** A table in standard units. */
export function standardised(table: Table, standard: Standard): Table {
  const { rows, columns } = table;
  const values = new Float64Array(rows * columns);
  const row = new Float64Array(columns);
  for (let i = 0; i < rows; i++) {
    standardise(standard, { values: table.values, at: i * columns }, row);
    values.set(row, i * columns);
  }
  return { values, rows, columns };
}

/** The rows as lists of numbers, as libraries want them. */
export function rowsOf({ values, rows, columns }: Table): number[][] {
  return Array.from({ length: rows }, (_, i) => Array.from(values.subarray(i * columns, (i + 1) * columns)));
}
