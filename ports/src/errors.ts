/** What a port's adapter throws. Drivers' own errors travel as `cause` and never leak by type. */
export type PortErrorCode =
  | 'UNAVAILABLE' // does not answer now: try again later
  | 'TIMEOUT' // outcome unknown
  | 'FENCED' // another owner has taken over: drop your memory
  | 'CONFLICT' // what is stored differs from what was expected
  | 'CORRUPT' // stored bytes are not what was written: refuse to go on
  | 'FULL' // no room left
  | 'CLOSED' // used after close
  | 'STUCK' // does not go on though it should: end the process, so that another one is started
  | 'INVALID'; // the call itself is wrong

const RETRIABLE: readonly PortErrorCode[] = ['UNAVAILABLE', 'TIMEOUT', 'FULL'];

/** An I/O failure: the message says what was expected, what was found and what to do. */
export class PortError extends Error {
  override readonly name = 'PortError';

  constructor(
    readonly code: PortErrorCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }

  /** Whether the same call may succeed later without anybody doing anything. */
  get isRetriable(): boolean {
    return RETRIABLE.includes(this.code);
  }
}

/** What stays wrong however often a process is started: people must do something, which the message says. */
export const isFinal = (error: unknown): boolean => isPortError(error, 'CORRUPT') || isPortError(error, 'INVALID');

export const isPortError = (error: unknown, code?: PortErrorCode): error is PortError =>
  error instanceof PortError && (code === undefined || error.code === code);
