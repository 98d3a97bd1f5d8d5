/** The predictor: candles in, signals out. */
export type { PredictorDeps, PredictorOptions } from './predictor.js';
export { createPredictor } from './predictor.js';
export type { FetchHistory } from './shell/feeding.js';
export { predictorGroup } from './shell/exchange.js';
export type { SignalFold, SignalFoldOptions, SymbolProgress } from './signal-fold.js';
export { costsOf, createSignalFold, signalIdOf } from './signal-fold.js';
export type { ConfidenceBucket, JudgedSignal } from './evaluation.js';
export { bucketsOf, cameRight } from './evaluation.js';
export { HORIZON_CANDLES, MEMORY_CANDLES } from './limits.js';
