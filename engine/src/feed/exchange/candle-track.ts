/**
 * What of one symbol's candles goes onto the bus: each closed one once and in order, the one in progress as it moves.
 * Pure: what was read and when comes in, what is to be published comes out.
 */
import type { Candle, Instant, MarketCandle, Price } from '@kairos/schema';
import { addMs, closeTimeOf, SECOND_MS } from '@kairos/schema';

/** A candle that no later one has followed counts as closed this long after its time. */
export const CLOSE_GRACE_MS = 2 * SECOND_MS;

export interface CandleTrack {
  /** Open time from which on candles must be asked for. */
  since(now: Instant): Instant;
  /** Whether candles must be read: the one in progress has run out or is not known, or closed ones wait for the bus. */
  isDue(now: Instant): boolean;
  /** Takes candles as read, oldest first; gives what is to be published. */
  take(candles: readonly Candle[], now: Instant): MarketCandle[];
  /** Takes the newest price; gives the candle in progress, or null while none is known. */
  price(price: Price, now: Instant): MarketCandle | null;
  /** After a closed candle stands on the bus. Gives how many before it were missed: too old when they could be read. */
  published(candle: MarketCandle): number;
}

export interface TrackOptions {
  readonly lengthMs: number;
  readonly source: string;
  /** A candle that closed longer ago is not published. */
  readonly ageMsMax: number;
  /** Open time of the newest closed candle on the bus. */
  readonly lastClosed: Instant | null;
}

export function createCandleTrack({ lengthMs, source, ageMsMax, lastClosed }: TrackOptions): CandleTrack {
  let closedUpTo = lastClosed;
  let current: Candle | null = null;
  let hasUnpublished = false;

  const asClosed = (candle: Candle): MarketCandle => ({
    ...candle,
    closed: true,
    at: closeTimeOf(candle),
    source,
    last: false,
  });
  const inProgress = (candle: Candle, now: Instant): MarketCandle => ({ ...candle, at: now, source, last: false });

  return {
    since(now) {
      const oldest = addMs(now, -ageMsMax - lengthMs);
      const wanted = closedUpTo === null ? oldest : Math.max(oldest, closedUpTo + lengthMs);
      return (wanted - (wanted % lengthMs)) as Instant;
    },
    isDue: (now) => hasUnpublished || current === null || now >= closeTimeOf(current),
    take(candles, now) {
      const found: MarketCandle[] = [];
      for (const [index, candle] of candles.entries()) {
        if (closedUpTo !== null && candle.time <= closedUpTo) continue;
        const closeTime = closeTimeOf(candle);
        const isFollowed = index < candles.length - 1 && closeTime <= now;
        if (!isFollowed && now < closeTime + CLOSE_GRACE_MS) current = candle;
        else if (now - closeTime <= ageMsMax) found.push(asClosed(candle));
      }
      hasUnpublished = found.length > 0;
      if (current !== null && now < closeTimeOf(current)) found.push(inProgress(current, now));
      return found;
    },
    price(price, now) {
      if (current === null || now >= closeTimeOf(current)) return null;
      const high = price > current.high ? price : current.high;
      const low = price < current.low ? price : current.low;
      current = { ...current, high, low, close: price };
      return inProgress(current, now);
    },
    published(candle) {
      const missed = closedUpTo === null ? 0 : (candle.time - closedUpTo) / lengthMs - 1;
      closedUpTo = candle.time;
      hasUnpublished = false;
      if (current !== null && current.time <= candle.time) current = null;
      return missed;
    },
  };
}
