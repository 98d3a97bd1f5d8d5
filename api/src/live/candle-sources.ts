/**
 * Candles as they form. With an exchange they come from the bus; in lock-step worlds, where the feed is ahead of the
 * trader, only those that the trader has committed are told.
 */
import type { Clock, Store } from '@kairos/ports';
import type { Interval, MarketCandle } from '@kairos/schema';
import type { Broadcast } from './broadcast.js';
import { createBroadcast } from './broadcast.js';
import type { Stream } from './channel.js';
import { createPacer } from './pacer.js';
import { createShared } from './shared.js';

export interface CandleSources {
  subscribe(symbol: string, interval: Interval): Promise<Stream<MarketCandle>>;
  /** A candle heard on the bus. */
  offer(candle: MarketCandle): void;
  /** Reads the newest committed candles of what is looked at. */
  refresh(): Promise<void>;
}

interface CandleSource {
  readonly broadcast: Broadcast<MarketCandle>;
  offer(candle: MarketCandle): void;
  refresh(): Promise<void>;
  close(): void;
}

/** Candles that wait for one subscriber; of one open time only the newest state. */
const CANDLES_QUEUED_MAX = 100;
const CANDLES_GAP_MIN_MS = 250;
/** Newest candles that are read after a commit. */
const REFRESH_CANDLES = 10;

export function createCandleSources(store: Store, clock: Clock): CandleSources {
  const sources = createShared(async (key) => openSource(store, clock, key));
  return {
    async subscribe(symbol, interval) {
      const { source, release } = await sources.acquire(keyOf({ symbol, interval }));
      return source.broadcast.subscribe({ onEnd: release });
    },
    offer: (candle) => sources.get(keyOf(candle))?.offer(candle),
    async refresh() {
      await Promise.all(sources.open().map((source) => source.refresh()));
    },
  };
}

const keyOf = ({ symbol, interval }: Pick<MarketCandle, 'symbol' | 'interval'>): string => `${symbol}:${interval}`;

async function openSource(store: Store, clock: Clock, key: string): Promise<CandleSource> {
  const [symbol = '', interval] = key.split(':') as [string, Interval];
  const broadcast = createBroadcast<MarketCandle>({
    capacity: CANDLES_QUEUED_MAX,
    keyOf: (candle) => String(candle.time),
  });
  const changed = new Map<number, MarketCandle>();
  const pacer = createPacer(clock, { gapMinMs: CANDLES_GAP_MIN_MS, gapMaxMs: Infinity }, () => {
    for (const candle of changed.values()) broadcast.push(candle);
    changed.clear();
  });
  const newestOf = (last: number): Promise<readonly MarketCandle[]> =>
    store.readModels.candles({ symbol, interval, last });
  let newest = (await newestOf(1)).at(-1) ?? null;

  const offer = (candle: MarketCandle): void => {
    if (newest && !isNewer(candle, newest)) return;
    newest = candle;
    changed.set(candle.time, candle);
    pacer.touch();
  };
  return {
    broadcast,
    offer,
    async refresh() {
      for (const candle of await newestOf(REFRESH_CANDLES)) offer(candle);
    },
    close: () => pacer.stop(),
  };
}

const isNewer = (candle: MarketCandle, known: MarketCandle): boolean =>
  candle.time > known.time ||
  (candle.time === known.time && (candle.at > known.at || (candle.closed && !known.closed)));
