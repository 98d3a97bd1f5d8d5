/** Which shards of a world this process trades. It shares the work out; what keeps books right is the journal's fence. */

/** What this process holds since it has taken its place. */
export interface Holding {
  /**
   * Looks anew which shards are its own, for about `waitMs`, or until the signal aborts.
   *
   * @throws PortError UNAVAILABLE or TIMEOUT: not known at present, what was held before is still held.
   */
  look(waitMs: number, signal: AbortSignal): Promise<readonly number[]>;
  /** Gives its place up, so that others can have its shards at once. */
  release(): Promise<void>;
}

export interface Ownership {
  /**
   * Takes a place. `onWaiting` is called once where somebody else must end first; null when the signal aborts before.
   *
   * @throws PortError INVALID when the world's shards cannot be shared out in this way.
   */
  acquire(options: { readonly onWaiting: () => void; readonly signal: AbortSignal }): Promise<Holding | null>;
}
