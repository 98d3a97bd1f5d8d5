/** What the two ways of reading prices, lock-step and exchange, have in common. */
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Bus, BusRecord, Clock, Log, Store } from '@kairos/ports';
import type { Candle, Config, Instant, MarketCandle, World } from '@kairos/schema';
import { decodeMarketData } from '@kairos/schema';
import { BATCH_RECORDS_MAX, POLL_WAIT_MS } from '../limits.js';
import type { SymbolProgress } from '../signal-fold.js';
import type { Retry } from './retry.js';

/** Closed candles of a symbol up to now, oldest first. */
export type FetchHistory = (symbol: string) => Promise<readonly Candle[]>;

export interface FeedingDeps {
  readonly bus: Bus;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly retry: Retry;
  readonly history: FetchHistory | null;
}

export interface FeedingOptions {
  readonly config: Config;
  readonly world: World;
}

/** Prices in, signals out. */
export interface Feeding {
  /** Takes what has come, waiting a little for the first. @throws Stopping, or a PortError that cannot pass. */
  step(): Promise<void>;
  /** Records that stand on the bus and were not taken. @throws PortError */
  lag(): Promise<number>;
  /** Time of the newest price taken. */
  worldTime(): Instant | null;
  progress(): ReadonlyMap<string, SymbolProgress>;
  /** Ends a waiting `step`. */
  close(): Promise<void>;
}

/** A batch of records as what they mean. */
export interface Batch {
  readonly candles: readonly { readonly record: BusRecord; readonly candle: MarketCandle }[];
  readonly bad: readonly { readonly record: BusRecord; readonly reason: string }[];
  /** Newest time that a price or the end of a replay was stamped with. */
  readonly newest: Instant | null;
}

export function decodeBatch(records: readonly BusRecord[]): Batch {
  const candles: Batch['candles'][number][] = [];
  const bad: Batch['bad'][number][] = [];
  let newest: Instant | null = null;
  for (const record of records) {
    const decoded = decodeMarketData(record.value, record);
    if (!decoded.ok) {
      bad.push({ record, reason: decoded.error.reason });
      continue;
    }
    const message = decoded.value;
    const at = message.kind === 'candle' ? message.candle.at : message.at;
    if (newest === null || at > newest) newest = at;
    if (message.kind === 'candle') candles.push({ record, candle: message.candle });
  }
  return { candles, bad, newest };
}

/** The next records, after everything else that is ready has had its turn. */
export async function pollPrices(
  retry: Retry,
  source: { poll(recordsMax: number, waitMs: number): Promise<BusRecord[]> },
): Promise<readonly BusRecord[]> {
  await yieldToOthers();
  return retry.run('read prices', () => source.poll(BATCH_RECORDS_MAX, POLL_WAIT_MS));
}

export const laterOf = (a: Instant | null, b: Instant | null): Instant | null =>
  a === null ? b : b === null || a > b ? a : b;
