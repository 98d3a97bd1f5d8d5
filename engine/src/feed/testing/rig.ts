/** A feed's surroundings in memory: bus and store that outlive it, a clock that the test moves, a trader who commits. */
import type { Bus, Service, Store } from '@kairos/ports';
import { POLL_RECORDS_MAX } from '@kairos/ports';
import type { BusFaults, MemoryBusServer, MemoryLog, SimulatedClock } from '@kairos/ports/testing';
import {
  createMemoryBusServer,
  createMemoryLog,
  createMemoryStoreServer,
  createSeededRandom,
  createSimulatedClock,
} from '@kairos/ports/testing';
import type { Config, HealthReport, Instant, MarketCandle, MarketMessage, Topic } from '@kairos/schema';
import { decodeHealth, decodeMarketData, LOCK_STEP_PARTITION, readConfig, TOPICS } from '@kairos/schema';
import { readBackwards } from '../tail.js';
import type { FeedDeps } from '../work.js';

export const NOW = Date.UTC(2026, 0, 15, 12, 0, 30) as Instant;
/** How long a test waits for the outside world (files, loopback sockets) at the most. */
const WAIT_MS_MAX = 20_000;

export interface Rig {
  readonly clock: SimulatedClock;
  readonly bus: Bus;
  readonly busServer: MemoryBusServer;
  readonly store: Store;
  readonly log: MemoryLog;
  /** What a new process of the feed is given. */
  deps(faults?: BusFaults): FeedDeps;
  /** Everything on the lock-step partition, as decoded. */
  messages(): Promise<readonly MarketMessage[]>;
  /** Candles of all partitions, partition by partition. */
  candles(): Promise<readonly MarketCandle[]>;
  /** Records on the lock-step partition. */
  count(): Promise<number>;
  /** `at` of the newest candle on the lock-step partition. */
  newestAt(): Promise<Instant>;
  /** The newest health report. */
  health(): Promise<HealthReport | null>;
  /** As the trader: says that everything up to a world time is in the journal. */
  commit(worldTime: Instant): Promise<void>;
  /** Turns the event loop, without moving the clock, until something holds. */
  until(holds: () => Promise<boolean> | boolean): Promise<void>;
  /** The same, moving the clock by `stepMs` each turn. */
  advanceUntil(holds: () => Promise<boolean> | boolean, stepMs?: number): Promise<void>;
}

export function createRig(): Rig {
  const clock = createSimulatedClock(NOW);
  const busServer = createMemoryBusServer({ partitions: 8, clock });
  const bus = busServer.connect();
  const storeServer = createMemoryStoreServer({ clock });
  const store = storeServer.connect();
  const log = createMemoryLog();
  let entry = 0;

  const records = async (topic: Topic, partitions: readonly number[]) => {
    const found = [];
    const from = partitions.map((partition) => ({ topic, partition, position: 'earliest' as const }));
    const reader = await bus.read({ from });
    for (;;) {
      const batch = await reader.poll(POLL_RECORDS_MAX, 0);
      found.push(...batch);
      if (batch.length === 0) break;
    }
    await reader.close();
    return found;
  };

  const messages = async (partitions: readonly number[]) =>
    (await records(TOPICS.marketData, partitions)).map((record) => {
      const decoded = decodeMarketData(record.value, record);
      if (!decoded.ok) throw new Error(decoded.error.reason);
      return decoded.value;
    });

  const turnUntil = async (holds: () => Promise<boolean> | boolean, turn: () => Promise<void>) => {
    for (const endMs = performance.now() + WAIT_MS_MAX; performance.now() < endMs;) {
      if (await holds()) return;
      await turn();
    }
    throw new Error('expected it to come true, it did not');
  };

  return {
    clock,
    bus,
    busServer,
    store,
    log,
    deps: (faults) => ({
      bus: busServer.connect(faults),
      store: storeServer.connect(),
      clock,
      log,
      random: createSeededRandom(7),
    }),
    messages: () => messages([LOCK_STEP_PARTITION]),
    async candles() {
      const all = await messages(Array.from({ length: 8 }, (_, partition) => partition));
      return all.flatMap((message) => (message.kind === 'candle' ? [message.candle] : []));
    },
    async count() {
      const offsets = await bus.offsets(TOPICS.marketData);
      return offsets.find(({ partition }) => partition === LOCK_STEP_PARTITION)!.next;
    },
    async newestAt() {
      let at = 0 as Instant;
      await readBackwards(bus, { partition: LOCK_STEP_PARTITION, recordsMax: 10 }, (message) => {
        at = message.kind === 'ended' ? message.at : message.candle.at;
        return false;
      });
      return at;
    },
    async health() {
      const newest = (await records(TOPICS.health, [0])).at(-1);
      const decoded = newest && decodeHealth(newest.value);
      return decoded?.ok ? decoded.value : null;
    },
    commit: (worldTime) => store.journal.append({ ...EMPTY_ENTRY, entry: ++entry, worldTime }, NO_ROWS),
    until: (holds) => turnUntil(holds, nextTurn),
    advanceUntil: (holds, stepMs = 20) => turnUntil(holds, () => clock.advance(stepMs)),
  };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const NO_ROWS = { candles: [], signals: [], equity: [], commands: [], steps: [] };

const EMPTY_ENTRY = {
  shard: 0,
  epoch: 1,
  owner: 'test',
  committedAt: NOW,
  positions: {},
  events: [],
  prices: [],
  marks: [],
  signals: [],
  deadLetters: [],
  notes: { hasPredictor: false, firstSignalWaitEndedAt: null, feedEndedAt: null, round: null, partial: [] },
  publishedThrough: 0,
};

/** A configuration from its variables. */
export const configOf = (variables: Readonly<Record<string, string>>): Config => readConfig(variables);

/** Stops a service when the test's scope ends. */
export const stopping = (service: Service): AsyncDisposable => ({
  [Symbol.asyncDispose]: () => service.stop(),
});
