/** Population standard deviation of the last `period` values. */
export function standardDeviation(values: Float64Array, end: number, period: number): number {
  const start = end - period + 1;
  let mean = 0;
  for (let i = start; i <= end; i++) mean += values[i]!;
  mean /= period;
  let sum = 0;
  for (let i = start; i <= end; i++) sum += (values[i]! - mean) ** 2;
  return Math.sqrt(sum / period);
}
