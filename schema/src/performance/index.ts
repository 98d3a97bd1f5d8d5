/** Metrics as pure folds over closed trades and equity points. */
export * from './fold.js';
export * from './win-loss.js';
export * from './gross.js';
export * from './averages.js';
export * from './profit-factor.js';
export * from './moments.js';
export * from './extremes.js';
export * from './holding.js';
export * from './streaks.js';
export * from './drawdown.js';
export * from './exposure.js';
export * from './daily-returns.js';
export * from './trade-performance.js';
