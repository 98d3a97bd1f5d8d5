/**
 * How many closed candles of each symbol a lock-step world is only trained on. The feed, which knows how long its files
 * are, says so in the fact `training` as `{symbol: count}` before the first candle; without it, it is TRAINING_CANDLES.
 */
import type { Store } from '@kairos/ports';
import type { World } from '@kairos/schema';
import { TRAINING_CANDLES } from '@kairos/schema';
import { z } from 'zod';

/** Name of the fact. */
export const TRAINING_FACT = 'training';

const shape = z.record(z.string(), z.int().nonnegative());

/** @throws PortError */
export async function loadTrainingCounts(store: Store, world: World): Promise<(symbol: string) => number> {
  const kept = shape.safeParse(await store.app.facts.get(world, TRAINING_FACT));
  const counts = new Map(kept.success ? Object.entries(kept.data) : []);
  return (symbol) => Math.min(counts.get(symbol) ?? TRAINING_CANDLES, TRAINING_CANDLES);
}
