/** Adapters and suites for tests: memory ports, faults, a clock that a test moves. */
export * from './clock/simulated.js';
export * from './store/memory/faults.js';
export * from './store/memory/memory-store.js';
export * from './bus/memory/faults.js';
export * from './bus/memory/memory-bus.js';
export * from './bus/memory/random.js';
export * from './lock/memory-lock.js';
export * from './log/memory-log.js';
export * from './store/samples.js';
export * from './store/sample-books.js';
export { decodeEntry, encodeEntry } from './store/entry-codec.js';
