/** What makes a feed impossible until people change something. In a file of its own, for whoever needs no feed to know it. */

/** A file that no candles can be read from. The message says what was expected, what was found and what to do. */
export class CandleFileError extends Error {
  override readonly name = 'CandleFileError';

  constructor(
    readonly path: string,
    message: string,
    cause?: unknown,
  ) {
    super(`${path}: ${message}`, cause === undefined ? undefined : { cause });
  }
}

/** The exchange is impossible as configured. The message says what was expected, what was found and what to do. */
export class ExchangeConfigError extends Error {
  override readonly name = 'ExchangeConfigError';
}
