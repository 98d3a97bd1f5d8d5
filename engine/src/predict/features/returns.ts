/** Logarithmic return over the last `span` candles: ln(value / value `span` before). */
export function logReturn(values: Float64Array, end: number, span: number): number {
  return Math.log(values[end]! / values[end - span]!);
}
