/** Codec of `crypto.health`: each process says about once a second how it is. Newest per component and instance wins. */
import { z } from 'zod';
import type { Instant } from '../value/instant.js';
import { parseInstant } from '../value/instant.js';
import type { Decoded } from './record.js';
import { decodeObject, encodeObject } from './record.js';
import { field, instantField, numberWithin, oneOf, optional, parseBoolean, readShape, textUpTo } from './scalar.js';

export const COMPONENTS = ['feed', 'predictor', 'trader'] as const;
export type Component = (typeof COMPONENTS)[number];

/** How often a process says how it is. */
export const HEALTH_INTERVAL_MS = 1_000;
/** A process not heard of for this long counts as gone. */
export const HEALTH_TIMEOUT_MS = 5_000;

export interface HealthReport {
  readonly component: Component;
  /** One per process start. */
  readonly instance: string;
  /** Wall time. */
  readonly at: Instant;
  readonly healthy: boolean;
  /** One line for people: what it is doing, or what is wrong and what to do. */
  readonly detail: string;
  /** Inputs read from the bus but not yet taken; null where it does not apply. */
  readonly lag: number | null;
  readonly worldTime: Instant | null;
  /** Of the feed: its name (`binance`, a file's name, `simulator`) and candles per real candle time (null = max). */
  readonly feedName: string | null;
  readonly feedSpeed: number | null;
  /** Of the feed: set when a replay has run out, world time. */
  readonly feedEndedAt: Instant | null;
}

const shape = z.object({
  component: field(oneOf(COMPONENTS)),
  instance: field(textUpTo(100)),
  at: instantField,
  healthy: field(parseBoolean),
  detail: field(textUpTo(1_000)),
  lag: optional(numberWithin(0, Number.MAX_SAFE_INTEGER), null),
  worldTime: optional(parseInstant, null),
  feedName: optional(textUpTo(200), null),
  feedSpeed: optional(numberWithin(0, Number.MAX_SAFE_INTEGER), null),
  feedEndedAt: optional(parseInstant, null),
});

export const encodeHealth = (report: HealthReport): Uint8Array => encodeObject(report);

export function decodeHealth(bytes: Uint8Array): Decoded<HealthReport> {
  const object = decodeObject(bytes);
  return object.ok ? readShape(shape, object.value) : object;
}
