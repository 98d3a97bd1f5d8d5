import { ValueError } from '../value/errors.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../value/instant.js';

/** Candle lengths in milliseconds. */
export const INTERVAL_MS = {
  '1m': MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '1h': HOUR_MS,
  '4h': 4 * HOUR_MS,
  '1d': DAY_MS,
} as const;

export type Interval = keyof typeof INTERVAL_MS;

export const INTERVALS = Object.keys(INTERVAL_MS) as Interval[];

/** @throws ValueError when the text is none of 1m 5m 15m 1h 4h 1d. */
export function parseInterval(input: unknown): Interval {
  const interval = INTERVALS.find((candidate) => candidate === input);
  if (!interval) throw new ValueError(`an interval, one of ${INTERVALS.join(' ')}`, input);
  return interval;
}
