/** Prices: from candle files, from the simulator, or from an exchange. */
export { createFeed } from './feed.js';
export type { FeedOptions } from './feed.js';
export type { FeedDeps } from './work.js';
export { binanceProbe, resolveFeed } from './resolve.js';
export type { Probe, ResolveDeps } from './resolve.js';
export type { CandleFiles } from './replay/replay.js';
export { openCandleFiles } from './replay/replay.js';
export { createHistory } from './exchange/history.js';
export type { FetchHistory, HistoryDeps } from './exchange/history.js';
export { CandleFileError, ExchangeConfigError } from './errors.js';
