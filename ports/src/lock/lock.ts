/** Ownership by one process at a time; freed at once when the process dies, however it dies. */
export interface Lock {
  /**
   * Resolves when this process is the holder. `onWaiting` is called once if somebody else holds it.
   * Returns null when `signal` aborts first.
   */
  acquire(options: { onWaiting?: () => void; signal?: AbortSignal }): Promise<LockHandle | null>;
}

export interface LockHandle {
  release(): Promise<void>;
}
