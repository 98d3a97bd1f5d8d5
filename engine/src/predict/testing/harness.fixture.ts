/** A world on memory ports with a predictor in it, for tests: prices go in, what came out is read back. */
import type { Bus, BusRecord, Service, Store } from '@kairos/ports';
import { silentLog } from '@kairos/ports';
import type { BusFaults, MemoryBusServer, MemoryStoreServer, SimulatedClock } from '@kairos/ports/testing';
import {
  createBusFaults,
  createMemoryBusServer,
  createMemoryStoreServer,
  createSeededRandom,
  createSimulatedClock,
} from '@kairos/ports/testing';
import type { Instant, MarketCandle, Topic } from '@kairos/schema';
import { DAY_MS, encodeMarketData, LOCK_STEP_PARTITION, readConfig, TOPICS } from '@kairos/schema';
import type { FetchHistory } from '../shell/feeding.js';
import { createPredictor } from '../predictor.js';

export interface HarnessOptions {
  readonly world: string;
  readonly symbols?: string;
  readonly start?: number;
  readonly history?: FetchHistory;
  /** Records of prices that the bus keeps. */
  readonly pricesKept?: number;
  /** Stands between the predictor and its store. */
  readonly store?: (store: Store) => Store;
}

export interface Harness {
  readonly clock: SimulatedClock;
  readonly bus: Bus;
  readonly store: Store;
  /** Of the predictor's own connection to the bus. */
  readonly faults: BusFaults;
  /** A predictor of its own process. */
  predictor(): Service;
  /** Puts candles on the bus: in order on the lock-step partition, or each where its symbol belongs. */
  feed(candles: readonly MarketCandle[], partition?: 'by symbol'): Promise<void>;
  put(topic: Topic, text: string): Promise<void>;
  /** All records of a topic. */
  records(topic: Topic): Promise<BusRecord[]>;
  /** Lets everything run until the condition holds; the clock stands still. */
  until(condition: () => Promise<boolean>): Promise<void>;
  /** The same while the clock moves on. */
  untilLater(condition: () => Promise<boolean>): Promise<void>;
}

const TURNS_MAX = 20_000;
const KEPT = { recordsMax: 1_000_000, ageMsMax: 365 * DAY_MS };

export function createHarness(options: HarnessOptions): Harness {
  const clock = createSimulatedClock((options.start ?? Date.UTC(2024, 0, 1)) as Instant);
  const prices = { ...KEPT, recordsMax: options.pricesKept ?? KEPT.recordsMax };
  const retention = Object.fromEntries(
    Object.values(TOPICS).map((topic) => [topic, topic === TOPICS.marketData ? prices : KEPT]),
  ) as Record<Topic, typeof KEPT>;
  const busServer: MemoryBusServer = createMemoryBusServer({ partitions: 8, clock, retention });
  const storeServer: MemoryStoreServer = createMemoryStoreServer({ clock });
  const faults = createBusFaults(createSeededRandom(1));
  const bus = busServer.connect();
  const config = readConfig({ FEED: 'simulator', SYMBOLS: options.symbols ?? 'BTCUSDT' });
  let instances = 0;

  async function until(condition: () => Promise<boolean>, between: () => Promise<void>): Promise<void> {
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      if (await condition()) return;
      await between();
    }
    throw new Error('expected the condition to hold in the end, found that it does not');
  }

  return {
    clock,
    bus,
    store: storeServer.connect(),
    faults,
    predictor() {
      const store = storeServer.connect();
      const { history } = options;
      return createPredictor(
        {
          bus: busServer.connect(faults),
          store: options.store?.(store) ?? store,
          clock,
          log: silentLog,
          ...(history ? { history } : {}),
        },
        { config, world: options.world, instance: `test-${++instances}` },
      );
    },
    async feed(candles, partition) {
      const place = partition ? {} : { partition: LOCK_STEP_PARTITION };
      const records = candles.map((candle) => ({
        key: candle.symbol,
        value: encodeMarketData({ kind: 'candle', candle }),
        ...place,
      }));
      await bus.publish(TOPICS.marketData, records);
    },
    async put(topic, text) {
      await bus.publish(topic, [{ key: null, value: Buffer.from(text), partition: LOCK_STEP_PARTITION }]);
    },
    async records(topic) {
      const bounds = await bus.offsets(topic);
      const from = bounds.map(({ partition }) => ({ topic, partition, position: 'earliest' as const }));
      const reader = await bus.read({ from });
      const records: BusRecord[] = [];
      for (let batch = await reader.poll(5_000, 0); batch.length > 0; batch = await reader.poll(5_000, 0)) {
        records.push(...batch);
      }
      await reader.close();
      return records;
    },
    until: (condition) => until(condition, () => new Promise((resolve) => setImmediate(resolve))),
    untilLater: (condition) => until(condition, () => clock.advance(500)),
  };
}

/** Records that have been put on a topic. */
export async function countOf(bus: Bus, topic: Topic): Promise<number> {
  return (await bus.offsets(topic)).reduce((sum, { next }) => sum + next, 0);
}

export const textOf = (record: BusRecord): string => Buffer.from(record.value).toString();
