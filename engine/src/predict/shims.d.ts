/** Types of libraries that ship none: the part that is used here. */
declare module 'ml-regression' {
  export class MultivariateLinearRegression {
    /** Least squares of every column of `y` on the columns of `x` and an intercept. */
    constructor(x: number[][], y: number[][], options: { intercept: boolean; statistics: boolean });
    /** One row per column of `x`, then the intercept's; one column per output. */
    readonly weights: number[][];
  }
}
