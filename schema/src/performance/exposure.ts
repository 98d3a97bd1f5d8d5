/**
 * Exposure: the share of a span of time with a position open, 0..1.
 *
 * Formula: length of the union of all [entryTime, exitTime] within the span / length of the span; positions that overlap
 * count once, and one still open counts to the end of the span.
 */
import type { Instant } from '../value/instant.js';
import type { ClosedTrade } from './fold.js';

/** A stretch of time with a position open, and the one before it; stretches do not touch. */
export interface OpenStretch {
  readonly from: Instant;
  readonly to: Instant;
  readonly before: OpenStretch | null;
}

export interface ExposureSpan {
  readonly from: Instant;
  readonly to: Instant;
  /** Entry times of the trades still open at its end. */
  readonly openSince: readonly Instant[];
}

/** The stretches after one more closed trade; trades come in order of their exit. */
export function withStretch(
  newest: OpenStretch | null,
  trade: Pick<ClosedTrade, 'entryTime' | 'exitTime'>,
): OpenStretch {
  let before = newest;
  let from = trade.entryTime;
  while (before && before.to >= from) {
    if (before.from < from) from = before.from;
    before = before.before;
  }
  return { from, to: trade.exitTime, before };
}

/** 0..1; null for a span without length. */
export function exposureOf(newest: OpenStretch | null, { from, to, openSince }: ExposureSpan): number | null {
  if (to <= from) return null;
  const since = openSince.reduce<Instant>((earliest, entry) => (entry < earliest ? entry : earliest), to);
  let stretch: OpenStretch | null = withStretch(newest, { entryTime: since, exitTime: to });
  let openMs = 0;
  for (; stretch; stretch = stretch.before) {
    openMs += Math.max(0, Math.min(stretch.to, to) - Math.max(stretch.from, from));
  }
  return openMs / (to - from);
}
