/** Everything the trader reads: one stream per kind of input for all its shards, taken in the order of `order.ts`. */
import type { Bus, BusRecord, Clock, WorldNotes } from '@kairos/ports';
import { createEnder, isPortError, OVER } from '@kairos/ports';
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
import type { PumpDeps } from './pump.js';
import { RETRY_MS_MAX, RETRY_MS_MIN } from './pump.js';
import type { View } from './stream.js';
import { createStream } from './stream.js';
import type { Item } from './window.js';

/** An input as read, not yet judged. */
export type Taken =
  | { readonly choice: 'price'; readonly item: Item<MarketMessage> }
  | { readonly choice: 'signal' | 'predictor'; readonly item: Item<Signal> }
  | { readonly choice: 'command'; readonly item: Item<ReceivedCommand> };

/** What one shard reads. */
export interface Intake {
  /**
   * Begins to read at the journal's positions, as soon as the bus can say that they are there; nothing has arrived until
   * all kinds of input are read. Resolves then.
   */
  start(positions: Readonly<Record<string, number>>): Promise<void>;
  isReading(): boolean;
  /** What is to be taken next, without taking it. `onlyCommands`: everything else is held back. */
  next(notes: WorldNotes, how: { readonly isWaiting: boolean; readonly onlyCommands: boolean }): Next;
  /** What stands at the front, without taking it: its position does not move. */
  peek(choice: Choice): Taken | null;
  /** Takes what stands at the front. */
  shift(choice: Choice): void;
  /** Resolves when something has arrived since the last call or `wake` was called, after `ms`, or when the signal aborts. */
  arrival(ms: number, signal: AbortSignal): Promise<void>;
  wake(): void;
  /** Next offset to take per cursor; those stored, where they are not read yet. */
  positions(): Readonly<Record<string, number>>;
  buffered(): number;
  /** Throws what keeps it from reading. */
  assertReading(): void;
  stop(): Promise<void>;
}

/** What all shards of a process read. */
export interface Intakes {
  /** For one shard, as often as it is loaded. */
  open(): Intake;
}

type Streams = ReturnType<typeof createStreams>;

export function createIntakes(deps: PumpDeps, world: World): Intakes {
  const streams = createStreams(deps, isLockStep(world));
  return { open: () => createIntake(deps, streams, isLockStep(world)) };
}

function createIntake(deps: PumpDeps, streams: Streams, isStepped: boolean): Intake {
  const arrivals = createArrivals(deps.clock);
  const stopping = new AbortController();
  let stored: Readonly<Record<string, number>> = {};
  let isReading = false;
  let failure: Error | null = null;
  const views = {
    command: streams.commands.view(arrivals.note),
    price: streams.prices.view(arrivals.note),
    signal: streams.signals.view(arrivals.note),
    predictor: streams.predictor.view(arrivals.note),
  };
  const all: View<unknown>[] = Object.values(views);

  return {
    async start(positions) {
      stored = positions;
      try {
        await Promise.all(all.map((view) => startView(deps, view, { positions, signal: stopping.signal })));
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
        throw error;
      }
      isReading = true;
      arrivals.note();
    },
    isReading: () => isReading,
    next(notes, { isWaiting, onlyCommands }) {
      if (!isReading) return { wait: 'input' };
      if (onlyCommands) return views.command.head() ? { take: 'command' } : { wait: 'input' };
      const fronts = {
        command: frontOf(views.command.head(), () => null),
        signal: frontOf(views.signal.head(), (signal) => signal.time),
        predictor: frontOf(views.predictor.head(), (signal) => signal.time),
        price: frontOf(views.price.head(), timeOfPrice),
      };
      return isStepped ? nextLockStep(fronts, notes, isWaiting) : nextArrival(fronts);
    },
    peek(choice) {
      if (!isReading) return null;
      if (choice === 'price') return withItem(views.price.head(), (item) => ({ choice, item }));
      if (choice === 'command') return withItem(views.command.head(), (item) => ({ choice, item }));
      return withItem(views[choice].head(), (item) => ({ choice, item }));
    },
    shift(choice) {
      views[choice].shift();
    },
    arrival: (ms, signal) => arrivals.wait(ms, signal),
    wake: arrivals.note,
    positions: () => Object.assign({}, stored, ...all.map((view) => view.positions())) as Record<string, number>,
    buffered: () => all.reduce((sum, view) => sum + view.buffered(), 0),
    assertReading() {
      if (failure) throw failure;
      for (const view of all) {
        const reason = view.failure();
        if (reason) throw reason;
      }
    },
    async stop() {
      stopping.abort(OVER);
      await Promise.all(all.map((view) => view.stop()));
    },
  };
}

/** Over failures of the bus; a view that is stopped meanwhile is not started any more. */
async function startView(
  { clock, log }: PumpDeps,
  view: View<unknown>,
  how: { readonly positions: Readonly<Record<string, number>>; readonly signal: AbortSignal },
): Promise<void> {
  const { positions, signal } = how;
  for (let retryMs = RETRY_MS_MIN; !signal.aborted; retryMs = Math.min(retryMs * 2, RETRY_MS_MAX)) {
    try {
      return await view.start(positions, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!isPortError(error) || !error.isRetriable) throw error;
      log.warn({ code: error.code, retryMs }, `cannot begin to read from the bus: ${error.message}`);
      await clock.sleep(retryMs, signal);
    }
  }
}

/** Wakes whoever waits for something to arrive. */
function createArrivals(clock: Clock) {
  let hasArrived = false;
  let wake: (() => void) | null = null;
  return {
    note(this: void): void {
      hasArrived = true;
      wake?.();
    },
    async wait(ms: number, signal: AbortSignal): Promise<void> {
      if (!hasArrived) {
        const timer = createEnder();
        const end = (): void => timer.end();
        signal.addEventListener('abort', end, { once: true });
        if (signal.aborted) end();
        wake = end;
        await clock.sleep(ms, timer);
        signal.removeEventListener('abort', end);
        wake = null;
      }
      hasArrived = false;
    },
  };
}

function createStreams(deps: PumpDeps, isStepped: boolean) {
  const partitions = (topic: Parameters<Bus['partitionsOf']>[0]): number[] =>
    Array.from({ length: deps.bus.partitionsOf(topic) }, (_, partition) => partition);
  const fallback = isStepped ? ('earliest' as const) : ('latest' as const);
  /** The predictor's own signals; the same source named on another partition is a third party's. */
  const isPredictors = (signal: Signal | null, record: BusRecord): boolean =>
    signal?.source === PREDICTOR_SOURCE && record.partition === LOCK_STEP_PARTITION;
  const decodeSignalRecord = (record: BusRecord): Decoded<Signal> => decodeSignal(record.value, record);
  return {
    commands: createStream<ReceivedCommand>(deps, {
      name: '',
      topic: TOPICS.commands,
      partitions: partitions(TOPICS.commands),
      fallback: 'earliest',
      decode: (record) => decodeCommand(record.value, record),
    }),
    prices: createStream<MarketMessage>(deps, {
      name: '',
      topic: TOPICS.marketData,
      partitions: isStepped ? [LOCK_STEP_PARTITION] : partitions(TOPICS.marketData),
      fallback,
      decode: (record) => decodeMarketData(record.value, record),
    }),
    signals: createStream<Signal>(deps, {
      name: '',
      topic: TOPICS.signals,
      partitions: partitions(TOPICS.signals),
      fallback,
      decode: decodeSignalRecord,
      ...(isStepped ? { accepts: (signal: Signal | null, record: BusRecord) => !isPredictors(signal, record) } : {}),
    }),
    predictor: createStream<Signal>(deps, {
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
