/** Types of libraries that ship none: the part that is used here. */
declare module 'ml-regression' {
  export class MultivariateLinearRegression {
    /** Least squares of every column of `y` on the columns of `x` and an intercept. */
    constructor(x: number[][], y: number[][], options: { intercept: boolean; statistics: boolean });
    /** One row per column of `x`, then the intercept's; one column per output. */
    readonly weights: number[][];
  }
}

declare module 'ml-knn' {
  export default class KNN {
    constructor(
      dataset: number[][],
      labels: number[],
      options: { k: number; distance: (a: number[], b: number[]) => number },
    );
    /** Points bear their label behind their last column. */
    readonly kdTree: {
      nearest(point: number[], neighboursMax: number): readonly (readonly [point: number[], distance: number])[];
    };
  }
}
