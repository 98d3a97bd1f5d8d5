import type { Store } from '@kairos/ports';
import type { World } from '@kairos/schema';
import { TRAINING_CANDLES, TRAINING_FACT } from '@kairos/schema';

/**
 * How many closed candles of each symbol a lock-step world is only trained on: what the feed wrote before its first
 * candle, else TRAINING_CANDLES.
 *
 * @throws PortError
 */
export async function loadTrainingCounts(store: Store, world: World): Promise<(symbol: string) => number> {
  const kept = await store.app.facts.get(world, TRAINING_FACT);
  const counts = new Map<string, unknown>(typeof kept === 'object' && kept ? Object.entries(kept) : []);
  return (symbol) => {
    const count = counts.get(symbol);
    return typeof count === 'number' && count >= 0 ? Math.min(count, TRAINING_CANDLES) : TRAINING_CANDLES;
  };
}
