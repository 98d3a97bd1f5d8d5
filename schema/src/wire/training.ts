/**
 * How many of its first closed candles each symbol of a REPLAY or SIMULATOR world is only trained on: the feed, which
 * knows how long its files are, writes it as a fact of the store before its first candle.
 */
import type { World } from '../market/world.js';
import type { FactsWriter } from './instruments.js';

/** Name of the fact. Its value: `{symbol: count}`; TRAINING_CANDLES for a symbol that is not in it. */
export const TRAINING_FACT = 'training';

export const writeTrainingCounts = (
  facts: FactsWriter,
  world: World,
  counts: Readonly<Record<string, number>>,
): Promise<void> => facts.put(world, TRAINING_FACT, counts);
