/**
 * Where signals leave: each goes to the bus once per symbol and candle. What is on the bus already, from before a
 * restart, is found at the end of its partition and left out; a call whose outcome is unknown is made again with the
 * same bytes.
 */
import type { Bus } from '@kairos/ports';
import { partitionOf } from '@kairos/ports';
import type { Instant, Signal } from '@kairos/schema';
import { decodeSignal, encodeSignal, PREDICTOR_SOURCE, TOPICS } from '@kairos/schema';
import { signalIdOf } from '../signal-fold.js';
import type { Retry } from './retry.js';
import type { TailScan } from './tail-scan.js';
import { createTailScan } from './tail-scan.js';

export interface SignalOutletOptions {
  /** The partition that all signals go to; null: each to that of its symbol. */
  readonly partition: number | null;
  /** Broker's time before which no signal of ours can matter any more. */
  readonly horizon: () => Instant;
}

export interface SignalOutlet {
  /** Publishes those that are not yet on the bus, in order. */
  publish(signals: readonly Signal[]): Promise<void>;
}

export function createSignalOutlet(deps: { bus: Bus; retry: Retry }, options: SignalOutletOptions): SignalOutlet {
  const { bus, retry } = deps;
  const scans = new Map<number, TailScan<Instant>>();

  function scanOf(symbol: string): TailScan<Instant> {
    const partition = options.partition ?? partitionOf(symbol, bus.partitionsOf(TOPICS.signals));
    const scan = scans.get(partition) ?? scanSignals(bus, partition, options.horizon);
    scans.set(partition, scan);
    return scan;
  }

  /** Those that are later than all that the bus has of their symbol, each once. */
  async function unpublished(signals: readonly Signal[]): Promise<Signal[]> {
    const newest = new Map<string, Instant>();
    const fresh: Signal[] = [];
    for (const signal of signals) {
      const { symbol, time } = signal;
      const scan = scanOf(symbol);
      const last = newest.get(symbol) ?? (await retry.run('read own signals', () => scan.lastOf(symbol)));
      if (last !== null && time <= last) continue;
      newest.set(symbol, time);
      fresh.push(signal);
    }
    return fresh;
  }

  return {
    async publish(signals) {
      const fresh = await unpublished(signals);
      if (fresh.length === 0) return;
      const place = options.partition === null ? {} : { partition: options.partition };
      const records = fresh.map((signal) => ({ key: signal.symbol, value: encodeSignal(signal), ...place }));
      await retry.run('publish signals', () => bus.publish(TOPICS.signals, records));
      for (const signal of fresh) scanOf(signal.symbol).set(signal.symbol, signal.time);
    },
  };
}

function scanSignals(bus: Bus, partition: number, horizon: () => Instant): TailScan<Instant> {
  return createTailScan(bus, {
    topic: TOPICS.signals,
    partition,
    isBeyond: (record) => record.timestamp < horizon(),
    entryOf(record) {
      const decoded = decodeSignal(record.value, record);
      if (!decoded.ok) return null;
      const { id, symbol, time, source } = decoded.value;
      const isOwn = source === PREDICTOR_SOURCE && id === signalIdOf(symbol, time);
      return isOwn ? { key: symbol, value: time } : null;
    },
  });
}
