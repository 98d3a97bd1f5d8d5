export { createTrader, rulesOf } from './trader.js';
export type { TraderDeps, TraderOptions } from './trader.js';
