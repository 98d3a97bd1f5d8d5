/**
 * K nearest neighbours in standard units: of the training rows most like this one, how many went up.
 *
 * The search is exact and goes over a typed array: ml-knn's tree gives the same neighbours (its agreement is a test) but
 * takes twelve times as long on this many columns, which a restart would feel.
 */
import type { Table } from './standardise.js';

export interface Neighbours {
  /** Share of the nearest neighbours whose return was above 0, 0..1. */
  shareUp(row: Float64Array): number;
  /** Indices of the nearest training rows, nearest first; of two equally near the earlier one. */
  nearest(row: Float64Array): Int32Array;
}

export function trainNeighbours(table: Table, returns: Float64Array, neighboursMax: number): Neighbours {
  const { values, rows, columns } = table;
  const size = Math.min(neighboursMax, rows);
  const distances = new Float64Array(size);
  const indices = new Int32Array(size);

  function insert(count: number, distance: number, index: number): void {
    let place = count;
    while (place > 0 && distances[place - 1]! > distance) {
      distances[place] = distances[place - 1]!;
      indices[place] = indices[place - 1]!;
      place--;
    }
    distances[place] = distance;
    indices[place] = index;
  }

  function search(row: Float64Array): void {
    let found = 0;
    for (let index = 0; index < rows; index++) {
      const worst = found < size ? Infinity : distances[size - 1]!;
      let distance = 0;
      for (let i = index * columns, column = 0; column < columns && distance < worst; i++, column++) {
        const gap = values[i]! - row[column]!;
        distance += gap * gap;
      }
      if (distance >= worst) continue;
      insert(found < size ? found++ : size - 1, distance, index);
    }
  }

  return {
    shareUp(row) {
      search(row);
      let up = 0;
      for (let i = 0; i < size; i++) if (returns[indices[i]!]! > 0) up++;
      return up / size;
    },
    nearest(row) {
      search(row);
      return indices.slice();
    },
  };
}
