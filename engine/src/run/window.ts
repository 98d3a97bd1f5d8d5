/**
 * What has been read ahead of those who take it: items in the order in which they came, kept until the slowest has taken
 * them and a little longer, so that one who joins finds what it still needs.
 */
import type { BusRecord } from '@kairos/ports';
import type { Decoded } from '@kairos/schema';
import type { Positions } from './pump.js';

/** Items read ahead of the slowest of those who take them. */
export const BUFFER_RECORDS_MAX = 2_000;
/** Items kept behind the slowest. */
const BEHIND_RECORDS_MAX = 2_000;

/** A record with what its bytes mean. */
export interface Item<T> {
  readonly record: BusRecord;
  readonly decoded: Decoded<T>;
}

export interface Window<T> {
  /** Items are numbered from 0 as they came; those before `first` are gone. */
  first(): number;
  /** The number of the next item to come. */
  end(): number;
  at(index: number): Item<T> | null;
  from(index: number): readonly Item<T>[];
  push(item: Item<T>): void;
  /** Forgets what nobody needs: items before `slowest`, but for a few. */
  trim(slowest: number): void;
  /** Whether whoever has everything before these offsets finds everything from them on here, or to come. */
  covers(positions: Positions): boolean;
}

/** @param start The offsets from which on everything is put into it. */
export function createWindow<T>(start: Positions): Window<T> {
  const items: Item<T>[] = [];
  const coveredFrom = new Map(start);
  let base = 0;
  /** Items at the front that are gone but not cut off yet: cutting has its price. */
  let gone = 0;

  const forget = (): void => {
    const item = items[gone];
    if (!item) return;
    coveredFrom.set(item.record.partition, item.record.offset + 1);
    gone += 1;
  };

  return {
    first: () => base + gone,
    end: () => base + items.length,
    at: (index) => (index < base + gone ? null : (items[index - base] ?? null)),
    from: (index) => items.slice(Math.max(index - base, gone)),
    push(item) {
      items.push(item);
    },
    trim(slowest) {
      while (slowest - (base + gone) > BEHIND_RECORDS_MAX) forget();
      if (gone < BUFFER_RECORDS_MAX) return;
      items.splice(0, gone);
      base += gone;
      gone = 0;
    },
    covers(positions) {
      for (const [partition, from] of coveredFrom) if ((positions.get(partition) ?? 0) < from) return false;
      return true;
    },
  };
}
