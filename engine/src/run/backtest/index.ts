/** Backtests: candles and signals in, figures out. */
export type { Backtest, BacktestPlan, BacktestRound } from './backtest.js';
export { BacktestError, runBacktest, SLIPPAGE_BESIDE } from './backtest.js';
export type { BacktestStats } from './course.js';
