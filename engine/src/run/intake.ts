/** Everything the trader reads: one source per kind of input, taken in the order of `order.ts`. */
import type { Bus, BusRecord, Clock, Log, WorldNotes } from '@kairos/ports';
import type { Decoded, MarketMessage, ReceivedCommand, Signal, World } from '@kairos/schema';
import {
  decodeCommand,
  decodeMarketData,
  decodeSignal,
  isLockStep,
  LOCK_STEP_PARTITION,
  PREDICTOR_SOURCE,
  TOPICS,
} from '@kairos/schema';
import type { Choice, Front, Next } from './order.js';
import { nextArrival, nextLockStep } from './order.js';
import type { Item, Source, SourceDeps } from './source.js';
import { createSource } from './source.js';

/** An input as read, not yet judged. */
export type Taken =
  | { readonly choice: 'price'; readonly item: Item<MarketMessage> }
  | { readonly choice: 'signal' | 'predictor'; readonly item: Item<Signal> }
  | { readonly choice: 'command'; readonly item: Item<ReceivedCommand> };

export interface Intake {
  /** Begins to read at the journal's positions. */
  start(positions: Readonly<Record<string, number>>): Promise<void>;
  /** What is to be taken next, without taking it. `onlyCommands`: everything else is held back. */
  next(notes: WorldNotes, how: { readonly isWaiting: boolean; readonly onlyCommands: boolean }): Next;
  take(choice: Choice): Taken | null;
  /** The next price, without taking it. */
  firstPrice(): Item<MarketMessage> | null;
  /** Resolves when something has arrived since the last call, after `ms`, or when the signal aborts. */
  arrival(ms: number, signal: AbortSignal): Promise<void>;
  positions(): Readonly<Record<string, number>>;
  buffered(): number;
  /** Throws what keeps a source from reading. */
  assertReading(): void;
  stop(): Promise<void>;
}

export function createIntake(deps: { bus: Bus; clock: Clock; log: Log }, world: World): Intake {
  const { clock } = deps;
  const isStepped = isLockStep(world);
  let hasArrived = false;
  let wake: (() => void) | null = null;
  const onArrival = (): void => {
    hasArrived = true;
    wake?.();
  };
  const sources = createSources({ ...deps, onArrival }, isStepped);
  const all: Source<unknown>[] = [sources.commands, sources.prices, sources.signals, sources.predictor];

  return {
    async start(positions) {
      for (const source of all) await source.start(positions);
    },
    next(notes, { isWaiting, onlyCommands }) {
      if (onlyCommands) return sources.commands.head() ? { take: 'command' } : { wait: 'input' };
      const fronts = {
        command: frontOf(sources.commands.head(), () => null),
        signal: frontOf(sources.signals.head(), (signal) => signal.time),
        predictor: frontOf(sources.predictor.head(), (signal) => signal.time),
        price: frontOf(sources.prices.head(), timeOfPrice),
      };
      return isStepped ? nextLockStep(fronts, notes, isWaiting) : nextArrival(fronts);
    },
    take(choice) {
      if (choice === 'price') return withItem(sources.prices.shift(), (item) => ({ choice, item }));
      if (choice === 'command') return withItem(sources.commands.shift(), (item) => ({ choice, item }));
      return withItem(sources[choice === 'signal' ? 'signals' : 'predictor'].shift(), (item) => ({ choice, item }));
    },
    firstPrice: () => sources.prices.head(),
    async arrival(ms, signal) {
      if (!hasArrived) {
        const timer = new AbortController();
        const arrived = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await Promise.race([arrived, clock.sleep(ms, AbortSignal.any([signal, timer.signal]))]);
        timer.abort();
        wake = null;
      }
      hasArrived = false;
    },
    positions: () => Object.assign({}, ...all.map((source) => source.positions())) as Record<string, number>,
    buffered: () => all.reduce((sum, source) => sum + source.buffered(), 0),
    assertReading() {
      for (const source of all) {
        const failure = source.failure();
        if (failure) throw failure;
      }
    },
    async stop() {
      await Promise.all(all.map((source) => source.stop()));
    },
  };
}

function createSources(deps: SourceDeps & { bus: Bus }, isStepped: boolean) {
  const partitions = (topic: Parameters<Bus['partitionsOf']>[0]): number[] =>
    Array.from({ length: deps.bus.partitionsOf(topic) }, (_, partition) => partition);
  const fallback = isStepped ? ('earliest' as const) : ('latest' as const);
  /** The predictor's own signals; the same source named on another partition is a third party's. */
  const isPredictors = (signal: Signal | null, record: BusRecord): boolean =>
    signal?.source === PREDICTOR_SOURCE && record.partition === LOCK_STEP_PARTITION;
  const decodeSignalRecord = (record: BusRecord): Decoded<Signal> => decodeSignal(record.value, record);
  return {
    commands: createSource<ReceivedCommand>(deps, {
      name: '',
      topic: TOPICS.commands,
      partitions: partitions(TOPICS.commands),
      fallback: 'earliest',
      decode: (record) => decodeCommand(record.value, record),
    }),
    prices: createSource<MarketMessage>(deps, {
      name: '',
      topic: TOPICS.marketData,
      partitions: isStepped ? [LOCK_STEP_PARTITION] : partitions(TOPICS.marketData),
      fallback,
      decode: (record) => decodeMarketData(record.value, record),
    }),
    signals: createSource<Signal>(deps, {
      name: '',
      topic: TOPICS.signals,
      partitions: partitions(TOPICS.signals),
      fallback,
      decode: decodeSignalRecord,
      ...(isStepped ? { accepts: (signal: Signal | null, record: BusRecord) => !isPredictors(signal, record) } : {}),
    }),
    predictor: createSource<Signal>(deps, {
      name: 'predictor',
      topic: TOPICS.signals,
      partitions: isStepped ? [LOCK_STEP_PARTITION] : [],
      fallback,
      decode: decodeSignalRecord,
      accepts: isPredictors,
    }),
  };
}

function frontOf<T>(item: Item<T> | null, timeOf: (value: T) => Front['time']): Front | null {
  if (!item) return null;
  return { arrivedAt: item.record.timestamp, time: item.decoded.ok ? timeOf(item.decoded.value) : null };
}

const timeOfPrice = (message: MarketMessage): Front['time'] =>
  message.kind === 'candle' ? message.candle.at : message.at;

const withItem = <T, R>(item: Item<T> | null, build: (item: Item<T>) => R): R | null => (item ? build(item) : null);
