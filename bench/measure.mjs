/** Milliseconds that a function takes. */
export function timed(run) {
  const began = performance.now();
  run();
  return performance.now() - began;
}

/** The median of several rounds after one that is not counted. */
export function median(rounds, measure) {
  measure();
  const figures = Array.from({ length: rounds }, measure).sort((a, b) => a - b);
  return figures[Math.floor(rounds / 2)];
}

/** The figure below which that share of all lies: nearest rank. */
export function percentile(figures, share) {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((share / 100) * sorted.length) - 1)];
}
