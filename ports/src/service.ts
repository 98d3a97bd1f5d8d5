/** A part of a process that runs until it is stopped. */
export interface Service {
  /** Resolves when it does its work. */
  start(): Promise<void>;
  /** Ends what is under way, within 5 s. Calling it twice is harmless. */
  stop(): Promise<void>;
  /** Settles when the service has ended: resolves after `stop` or when its work is done, rejects when it cannot go on. */
  readonly ended: Promise<void>;
}
