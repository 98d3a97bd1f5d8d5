/** What went wrong between us and the exchange, and when it may be asked again. */
import type { Instant } from '@kairos/schema';
import { addMs, formatInstant, MINUTE_MS, SECOND_MS } from '@kairos/schema';

/**
 * - TRANSIENT: no answer, or a fault of its own (5xx): soon again, with growing pauses.
 * - LIMITED, BANNED: too many requests: not one before `until`.
 * - REFUSED: it answered that it will not: asking again soon would change nothing.
 */
export type FailureKind = 'TRANSIENT' | 'LIMITED' | 'BANNED' | 'REFUSED';

export class ExchangeFailure extends Error {
  override readonly name = 'ExchangeFailure';

  constructor(
    readonly kind: FailureKind,
    message: string,
    /** Earliest time of the next request; null = as the caller's back-off has it. */
    readonly until: Instant | null,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** The exchange's last answer, where there was one. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Waiting time after a 429 that does not say how long. */
const LIMITED_MS = 10 * SECOND_MS;
/** Waiting time after a 418 that does not say how long. */
const BANNED_MS = 2 * MINUTE_MS;
/** A ban is over this long after the end that was told. */
const BAN_MARGIN_MS = SECOND_MS;
/** Between two tries of what the exchange refuses. */
export const REFUSED_MS = MINUTE_MS;
/** The part of an answer that a message repeats. */
const TEXT_LENGTH_MAX = 200;

const LIMIT_ERRORS = ['DDoSProtection', 'RateLimitExceeded'];
const NETWORK_ERRORS = ['RequestTimeout', 'NetworkError', 'ExchangeNotAvailable', 'OnMaintenance'];

/** Makes of an error of ccxt what it means. `answer` is null when the exchange gave none. */
export function toFailure(error: unknown, answer: Answer | null, now: Instant): ExchangeFailure {
  if (error instanceof ExchangeFailure) return error;
  const name = error instanceof Error ? error.name : '';
  const text = (error instanceof Error ? error.message : String(error)).slice(0, TEXT_LENGTH_MAX);
  const wait = (kind: FailureKind, until: Instant, what: string) =>
    new ExchangeFailure(kind, `${what} until ${formatInstant(until)}: ${text}`, until, error);

  if (answer?.status === 418) return wait('BANNED', addMs(banEnd(answer, now), BAN_MARGIN_MS), 'banned');
  if (answer?.status === 429 || LIMIT_ERRORS.includes(name)) {
    const until = answer ? retryAfter(answer, now) : null;
    return wait('LIMITED', until ?? addMs(now, LIMITED_MS), 'too many requests, not asked');
  }
  const isItsFault = answer !== null && answer.status >= 500;
  const isSilent = answer === null && NETWORK_ERRORS.includes(name);
  if (isItsFault || isSilent) {
    return new ExchangeFailure('TRANSIENT', text, answer ? retryAfter(answer, now) : null, error);
  }
  return wait('REFUSED', addMs(now, REFUSED_MS), 'refuses; not asked again');
}

function banEnd(answer: Answer, now: Instant): Instant {
  const told = /until\D{0,3}(\d{13})/.exec(answer.body)?.[1];
  if (told !== undefined) return Number(told) as Instant;
  return retryAfter(answer, now) ?? addMs(now, BANNED_MS);
}

/** `Retry-After` in seconds or as a date; null when there is none. */
function retryAfter({ headers }: Answer, now: Instant): Instant | null {
  const entry = Object.entries(headers).find(([name]) => name.toLowerCase() === 'retry-after');
  if (!entry) return null;
  const seconds = Number(entry[1]);
  if (Number.isFinite(seconds)) return addMs(now, Math.max(0, seconds) * SECOND_MS);
  const date = Date.parse(entry[1]);
  return Number.isNaN(date) ? null : (date as Instant);
}
