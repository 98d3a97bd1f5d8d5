/** A world of memory ports for tests of the trader: publishes what it is told, and reads what came of it. */
import type { Bus, Lock, Service, Store } from '@kairos/ports';
import { createGroupOwnership, createLockOwnership, neverLost, silentLog } from '@kairos/ports';
import type { BusFaults, MemoryBusServer, MemoryStoreServer, SimulatedClock, StoreFaults } from '@kairos/ports/testing';
import { createMemoryBusServer, createMemoryStoreServer, createSimulatedClock } from '@kairos/ports/testing';
import type { Command, Config, Instant, MarketCandle, Signal, Topic, TradingEvent, World } from '@kairos/schema';
import {
  decodeTradingEvent,
  encodeCommand,
  encodeMarketData,
  encodeSignal,
  LOCK_STEP_PARTITION,
  parseAmount,
  parseInstant,
  parseMoney,
  parsePrice,
  PREDICTOR_SOURCE,
  readConfig,
  TOPICS,
} from '@kairos/schema';
import { COMMAND } from '../core/scenario.fixture.js';
import { createTopicLog } from './topic-log.fixture.js';
import type { TraderDeps } from './trader.js';
import { createTrader } from './trader.js';

export const START = parseInstant('2024-08-01T12:00:00Z');
const PARTITIONS = 4;
/** Nobody else wants it. */
const FREE_LOCK: Lock = { acquire: () => Promise.resolve({ lost: neverLost(), release: () => Promise.resolve() }) };
/** Simulated time that `until` lets pass at the most. */
const PATIENCE_MS = 120_000;

export interface WorldFixture {
  readonly clock: SimulatedClock;
  readonly bus: Bus;
  readonly store: Store;
  /** Starts a trader on clients of its own. */
  start(faults?: { bus?: BusFaults; store?: StoreFaults; createEngine?: TraderDeps['createEngine'] }): Promise<Running>;
  publish(topic: Topic, key: string, value: Uint8Array | string, partition?: number): Promise<void>;
  candle(close: string, minute: number, extra?: Partial<MarketCandle>): Promise<void>;
  signal(draft: Partial<Signal> & { readonly id: string }, partition?: number): Promise<void>;
  /** The predictor's signal for a minute. */
  prediction(action: Signal['action'], minute: number, extra?: Partial<Signal>): Promise<void>;
  command(command: Partial<Command> & Pick<Command, 'id' | 'action'>): Promise<void>;
  /** Keeps a command in the store that is not on the bus. */
  keepCommand(command: Partial<Command> & Pick<Command, 'id' | 'action'>, accountIds: readonly string[]): Promise<void>;
  open(accountId: string): Promise<void>;
  /** Lets time pass, `stepMs` (5 ms by default) at a time, until a condition holds. */
  until(what: string, holds: () => Promise<boolean> | boolean, stepMs?: number): Promise<void>;
  /** What stands on a topic: each partition in its own order. */
  records(topic: Topic): Promise<readonly { readonly key: string | null; readonly text: string }[]>;
  /** Events on `crypto.trades` of an account, repeats left out. */
  events(accountId?: string): Promise<readonly TradingEvent[]>;
}

export interface Running {
  /** Ends it in good order, letting time pass as long as it takes. */
  stop(): Promise<void>;
  /** Ends it as a crash does: nothing that it has begun takes effect any more. */
  crash(): Promise<void>;
  /** Ends its way to the store and nothing else: with its bus down nobody is told that it is gone. `stop` it later. */
  cutOff(): Promise<void>;
}

/** @param shards 1: one trader has them all; more: traders share them out as a group. */
export function createWorldFixture(world: World, env: Record<string, string> = {}, shards = 1): WorldFixture {
  const clock = createSimulatedClock(START);
  const partitions = shards === 1 ? PARTITIONS : shards;
  const busServer: MemoryBusServer = createMemoryBusServer({ partitions, clock });
  const storeServer: MemoryStoreServer = createMemoryStoreServer({ clock, shards });
  const config: Config = readConfig({ FEED: 'simulator', SYMBOLS: 'BTCUSDT,ETHUSDT', ...env });
  const bus = busServer.connect();
  const store = storeServer.connect();
  let starts = 0;
  const topics = createTopicLog(bus);
  const byAccount = new Map<string, Map<string, TradingEvent>>();
  let eventsRead = 0;

  const fixture: WorldFixture = {
    clock,
    bus,
    store,
    async start(faults = {}) {
      const clients = { bus: busServer.connect(faults.bus), store: storeServer.connect(faults.store) };
      const ownership =
        shards === 1 ? createLockOwnership({ lock: FREE_LOCK, clock }, 1) : createGroupOwnership(clients, shards);
      const trader = createTrader(
        {
          ...clients,
          ownership,
          clock,
          log: silentLog,
          ...(faults.createEngine && { createEngine: faults.createEngine }),
        },
        { config, world, instance: `trader-${(starts += 1)}` },
      );
      await trader.start();
      return {
        stop: () => untilStopped(fixture, trader),
        async crash() {
          await clients.store.close();
          await clients.bus.close();
          await untilStopped(fixture, trader);
        },
        cutOff: () => clients.store.close(),
      };
    },
    async publish(topic, key, value, partition) {
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
      await bus.publish(topic, [{ key, value: bytes, ...(partition === undefined ? {} : { partition }) }]);
    },
    async candle(close, minute, extra = {}) {
      const price = parsePrice(close);
      const time = (START + (minute - 1) * 60_000) as Instant;
      const candle: MarketCandle = {
        symbol: 'BTCUSDT',
        interval: '1m',
        time,
        open: price,
        high: price,
        low: price,
        close: price,
        volume: parseAmount('1'),
        closed: true,
        at: (time + 60_000) as Instant,
        source: 'test',
        last: true,
        ...extra,
      };
      const partition = world.startsWith('EXCHANGE') ? undefined : LOCK_STEP_PARTITION;
      await fixture.publish(TOPICS.marketData, candle.symbol, encodeMarketData({ kind: 'candle', candle }), partition);
    },
    async signal(draft, partition) {
      const signal: Signal = {
        symbol: 'BTCUSDT',
        action: 'BUY',
        confidence: 0.8,
        price: parsePrice('68234'),
        time: clock.now(),
        source: 'external',
        horizonSeconds: null,
        votes: null,
        ...draft,
      };
      await fixture.publish(TOPICS.signals, signal.symbol, encodeSignal(signal), partition);
    },
    async prediction(action, minute, extra = {}) {
      const time = (START + minute * 60_000) as Instant;
      const symbol = extra.symbol ?? 'BTCUSDT';
      const id = `${PREDICTOR_SOURCE}:${symbol}:${time}`;
      await fixture.signal({ id, action, time, source: PREDICTOR_SOURCE, ...extra }, LOCK_STEP_PARTITION);
    },
    async command(command) {
      const whole = { ...COMMAND, time: clock.now(), ...command };
      await fixture.publish(TOPICS.commands, whole.accountId ?? '', encodeCommand(whole));
    },
    async keepCommand(command, accountIds) {
      const sentAt = clock.now();
      const whole = { ...COMMAND, time: sentAt, ...command };
      await store.app.commands.insert({ command: whole, accountIds, world, sentAt, isPublished: false });
    },
    open: (accountId) =>
      fixture.command({
        id: `open-${accountId}`,
        action: 'OPEN_ACCOUNT',
        accountId,
        account: { name: accountId, mode: 'PAPER', initialBalance: parseMoney('5000'), userId: 'user-1' },
      }),
    async until(what, holds, stepMs = 5) {
      for (let waited = 0; waited < PATIENCE_MS; waited += stepMs) {
        if (await holds()) return;
        await clock.advance(stepMs);
      }
      throw new Error(`expected that ${what}, which did not come about`);
    },
    records: async (topic) => (await topics.readTo(topic)).map(({ key, value }) => ({ key, text: textOf(value) })),
    async events(accountId = 'main') {
      const records = await topics.readTo(TOPICS.trades);
      while (eventsRead < records.length) {
        const decoded = decodeTradingEvent(records[eventsRead++]!.value);
        if (!decoded.ok) throw new Error(decoded.error.reason);
        const events = byAccount.get(decoded.value.accountId) ?? new Map<string, TradingEvent>();
        byAccount.set(decoded.value.accountId, events.set(decoded.value.id, decoded.value));
      }
      return [...(byAccount.get(accountId)?.values() ?? [])].sort((one, other) => one.seq - other.seq);
    },
  };
  return fixture;
}

function untilStopped(fixture: WorldFixture, trader: Service): Promise<void> {
  const stopped = trader.stop().then(() => true);
  return fixture.until('the trader has ended', () => Promise.race([stopped, pause()]));
}

const pause = (): Promise<false> => new Promise((resolve) => setImmediate(() => resolve(false)));

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
