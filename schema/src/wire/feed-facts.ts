/**
 * What a REPLAY or SIMULATOR feed knows before its first candle: written as a fact of the store before anything is
 * published, so that the predictor knows which candles it only trains on and the trader what time it is.
 */
import type { Interval } from '../market/interval.js';
import { parseInterval } from '../market/interval.js';
import { parseSymbol } from '../market/symbol.js';
import type { World } from '../market/world.js';
import { ValueError } from '../value/errors.js';
import type { Instant } from '../value/instant.js';
import type { FactsReader, FactsWriter } from './instruments.js';
import { jsonCodec } from './json-fields.js';

/** Name of the fact. */
export const FEED_FACT = 'feed';

export interface FeedFacts {
  /** Of every candle of the world. */
  readonly interval: Interval;
  /** Open time of the earliest candle. */
  readonly startsAt: Instant;
  /** Per symbol: how many of its first closed candles the predictor only trains on. */
  readonly trainingCandles: Readonly<Record<string, number>>;
}

const codec = jsonCodec<FeedFacts>('feed', {
  interval: { write: (interval) => interval, read: parseInterval },
  startsAt: 'instant',
  trainingCandles: { write: (counts) => counts, read: readCounts },
});

/** Null before the feed's first start, and in EXCHANGE worlds. */
export async function readFeedFacts(facts: FactsReader, world: World): Promise<FeedFacts | null> {
  const stored = await facts.get(world, FEED_FACT);
  return stored === null || stored === undefined ? null : codec.read(stored);
}

export const writeFeedFacts = (facts: FactsWriter, world: World, value: FeedFacts): Promise<void> =>
  facts.put(world, FEED_FACT, codec.write(value));

function readCounts(input: unknown): Record<string, number> {
  if (typeof input !== 'object' || input === null) throw new ValueError('training candles per symbol', input);
  const counts: Record<string, number> = {};
  for (const [symbol, count] of Object.entries(input)) {
    if (!Number.isInteger(count) || count < 0) throw new ValueError('a whole number of candles', count);
    counts[parseSymbol(symbol)] = count as number;
  }
  return counts;
}
