/** By how much prices have changed over the last 24 hours of world time. */
import type { ReadModels } from '@kairos/ports';
import type { Instant, Interval, Price } from '@kairos/schema';
import { addMs, DAY_MS, INTERVAL_MS, INTERVALS, minus } from '@kairos/schema';
import type { PriceState } from '../../live/price-state.js';
import { percentOf } from '../text.js';

export interface DayChange {
  /** In percent; null without a candle that closed about 24 h before the price. */
  percentOf(price: PriceState): Promise<number | null>;
}

/** For how much world time a price of the day before serves, and how far it may be from the 24 hours. */
const REFERENCE_MS = 5 * 60_000;
const GAP_MAX_MS = 60 * 60_000;
const REFERENCES_MAX = 1_000;

interface Reference {
  readonly bucket: number;
  readonly price: Promise<Price | null>;
}

export function createDayChange(readModels: Pick<ReadModels, 'candles'>): DayChange {
  const references = new Map<string, Reference>();

  const referenceOf = ({ symbol, at }: PriceState): Promise<Price | null> => {
    const bucket = Math.floor(at / REFERENCE_MS);
    const known = references.get(symbol);
    if (known?.bucket === bucket) return known.price;
    const price = closeBefore(readModels, symbol, addMs(at, -DAY_MS));
    references.delete(symbol);
    references.set(symbol, { bucket, price });
    for (const oldest of references.keys()) {
      if (references.size <= REFERENCES_MAX) break;
      references.delete(oldest);
    }
    // A reading that failed is tried again with the next price.
    price.catch(() => references.delete(symbol));
    return price;
  };
  return {
    async percentOf(price) {
      const reference = await referenceOf(price);
      return reference === null ? null : percentOf(minus(price.price, reference), reference);
    },
  };
}

/** The close of the newest candle that had closed at a time, of the shortest interval that there is. */
async function closeBefore(
  readModels: Pick<ReadModels, 'candles'>,
  symbol: string,
  time: Instant,
): Promise<Price | null> {
  for (const interval of INTERVALS) {
    const candle = await newestClosedAt(readModels, { symbol, interval, time });
    if (candle) return candle.close;
  }
  return null;
}

async function newestClosedAt(
  readModels: Pick<ReadModels, 'candles'>,
  { symbol, interval, time }: { readonly symbol: string; readonly interval: Interval; readonly time: Instant },
) {
  const before = addMs(time, 1 - INTERVAL_MS[interval]);
  const from = addMs(before, -Math.max(GAP_MAX_MS, INTERVAL_MS[interval]));
  const candles = await readModels.candles({ symbol, interval, from, before, last: 1 });
  return candles[0] ?? null;
}
