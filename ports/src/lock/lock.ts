import type { PortError } from '../errors.js';

/** Ownership by one process at a time; freed at once when the process dies, however it dies. */
export interface Lock {
  /**
   * Resolves when this process is the holder. `onWaiting` is called once if somebody else holds it.
   * Returns null when `signal` aborts first.
   */
  acquire(options: { onWaiting?: () => void; signal?: AbortSignal }): Promise<LockHandle | null>;
}

export interface LockHandle {
  /**
   * Resolves with the reason when the lock is lost though it was not released: another process may hold it from now
   * on, and what it guards must end. Never settles otherwise.
   */
  readonly lost: Promise<PortError>;
  release(): Promise<void>;
}

/** `lost` of a lock that only ends with its process or its release. */
export const neverLost = (): Promise<never> => new Promise(() => undefined);
