/** The doors that more than one process uses. */
export * from './errors.js';
export * from './clock/clock.js';
export * from './clock/system.js';
export * from './bus/bus.js';
export * from './bus/partitioner.js';
export * from './bus/local/open-local-bus.js';
export * from './lock/lock.js';
export * from './lock/file-lock.js';
export * from './store/journal.js';
export * from './store/read-models.js';
export * from './store/app-store.js';
export * from './store/store.js';
export * from './log/log.js';
export * from './log/create-log.js';
export * from './service.js';
export * from './open.js';
