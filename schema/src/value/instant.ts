/** Instants: whole milliseconds since 1970-01-01T00:00Z, always UTC. */
import { ValueError } from './errors.js';

declare const unit: unique symbol;

/** Epoch milliseconds, UTC. */
export type Instant = number & { readonly [unit]: 'Instant' };

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Times outside 1973-03-03 … 2286-11-20 are taken for seconds or microseconds sent by mistake. */
const INSTANT_MIN = 100_000_000_000;
const INSTANT_MAX = 10_000_000_000_000;

const ISO_TEXT = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?$/;

/**
 * Reads epoch milliseconds or an ISO 8601 text; text without a zone is UTC, digits below a millisecond are cut.
 *
 * @throws ValueError when it is neither, or is plainly in seconds or microseconds.
 */
export function parseInstant(input: unknown): Instant {
  if (typeof input === 'number') return parseMillis(input);
  if (typeof input === 'string') return parseIso(input);
  throw new ValueError('a time as epoch milliseconds or ISO 8601', input);
}

function parseIso(text: string): Instant {
  const match = ISO_TEXT.exec(text);
  if (!match) throw new ValueError('a time as epoch milliseconds or ISO 8601', text);
  const [, year, month, day, hour, minute, second = '00', fraction = '', zone = 'Z'] = match;
  const offset = zone === 'Z' || zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const millis = fraction.slice(0, 3).padEnd(3, '0');
  const date = `${year}-${month}-${day}`;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const isRealDay = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date);
  const time = isRealDay ? Date.parse(`${date}T${hour}:${minute}:${second}.${millis}${offset}`) : NaN;
  if (Number.isNaN(time)) throw new ValueError('a time that exists, as ISO 8601', text);
  if (time < INSTANT_MIN || time >= INSTANT_MAX) throw new ValueError('a time from 1973-03-03 to 2286-11-20', text);
  return time as Instant;
}

function parseMillis(time: number): Instant {
  if (time >= INSTANT_MAX) throw new ValueError('a time in epoch milliseconds (this looks like microseconds)', time);
  if (time < INSTANT_MIN) throw new ValueError('a time in epoch milliseconds (this looks like seconds)', time);
  if (!Number.isSafeInteger(time)) throw new ValueError('a time in whole epoch milliseconds', time);
  return time as Instant;
}

/** ISO 8601 in UTC with milliseconds. */
export const formatInstant = (instant: Instant): string => new Date(instant).toISOString();

export const addMs = (instant: Instant, ms: number): Instant => (instant + ms) as Instant;

/** 00:00 UTC of the instant's day. */
export const startOfDay = (instant: Instant): Instant => (Math.floor(instant / DAY_MS) * DAY_MS) as Instant;
