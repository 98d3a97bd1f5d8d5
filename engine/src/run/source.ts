/**
 * One input of the trader: reads partitions of a topic ahead into a bounded buffer, decodes, and knows which offset of
 * each partition is the next to be taken.
 */
import type { Bus, BusRecord, Clock, Log, Reader, StartPosition } from '@kairos/ports';
import { isPortError } from '@kairos/ports';
import type { Decoded, Topic } from '@kairos/schema';

/** Records read ahead per source. */
export const BUFFER_RECORDS_MAX = 2_000;
const POLL_RECORDS = 500;
const POLL_WAIT_MS = 1_000;
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 5_000;

/** A record with what its bytes mean. */
export interface Item<T> {
  readonly record: BusRecord;
  readonly decoded: Decoded<T>;
}

export interface SourceOptions<T> {
  /** Tells two sources over one topic apart: part of the cursor's name. */
  readonly name: string;
  readonly topic: Topic;
  readonly partitions: readonly number[];
  /** Where a partition without a position begins. */
  readonly fallback: 'earliest' | 'latest';
  readonly decode: (record: BusRecord) => Decoded<T>;
  /** Records that belong to this source; left out = all. The value of one that is not valid is null. */
  readonly accepts?: (value: T | null, record: BusRecord) => boolean;
}

export interface Source<T> {
  /** Begins to read at stored positions; a partition without one begins at its fallback. */
  start(positions: Readonly<Record<string, number>>): Promise<void>;
  head(): Item<T> | null;
  shift(): Item<T> | null;
  /** Next offset to take, per cursor. */
  positions(): Readonly<Record<string, number>>;
  /** Records read ahead. */
  buffered(): number;
  /** Why it cannot read any more; null while it can. */
  failure(): Error | null;
  stop(): Promise<void>;
}

export interface SourceDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when something has arrived. */
  readonly onArrival: () => void;
}

/** The name under which the journal keeps a cursor's position. */
export const cursorName = (topic: Topic, partition: number, name: string): string =>
  name === '' ? `${topic}:${partition}` : `${topic}:${partition}#${name}`;

export function createSource<T>(deps: SourceDeps, options: SourceOptions<T>): Source<T> {
  const { bus, clock, log } = deps;
  const buffer: Item<T>[] = [];
  let taken = 0;
  const readTo = new Map<number, number>();
  const stopping = new AbortController();
  let reader: Reader | null = null;
  let pumping: Promise<void> = Promise.resolve();
  let wakePump: (() => void) | null = null;
  let failure: Error | null = null;

  const size = (): number => buffer.length - taken;

  const compact = (): void => {
    if (taken < BUFFER_RECORDS_MAX) return;
    buffer.splice(0, taken);
    taken = 0;
  };

  const take = (records: readonly BusRecord[]): void => {
    for (const record of records) {
      if (record.offset < (readTo.get(record.partition) ?? 0)) continue;
      readTo.set(record.partition, record.offset + 1);
      const decoded = options.decode(record);
      if (options.accepts && !options.accepts(decoded.ok ? decoded.value : null, record)) continue;
      buffer.push({ record, decoded });
    }
    if (records.length > 0) deps.onArrival();
  };

  const room = async (): Promise<void> => {
    while (size() >= BUFFER_RECORDS_MAX && !stopping.signal.aborted) {
      await new Promise<void>((resolve) => {
        wakePump = resolve;
      });
    }
  };

  const reportGaps = (): void => {
    for (const gap of reader?.gaps() ?? []) {
      log.warn(
        { topic: gap.at.topic, partition: gap.at.partition, wanted: gap.wanted, found: gap.found },
        'records were removed by retention before they were read: going on at the earliest kept',
      );
    }
  };

  const pump = async (): Promise<void> => {
    let retryMs = RETRY_MS_MIN;
    while (!stopping.signal.aborted) {
      await room();
      try {
        reader ??= await open();
        take(await reader.poll(POLL_RECORDS, POLL_WAIT_MS));
        reportGaps();
        retryMs = RETRY_MS_MIN;
      } catch (error) {
        if (stopping.signal.aborted) return;
        if (!isPortError(error) || !error.isRetriable) throw error;
        log.warn({ topic: options.topic, code: error.code, retryMs }, `cannot read from the bus: ${error.message}`);
        await clock.sleep(retryMs, stopping.signal);
        retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
      }
    }
  };

  const open = (): Promise<Reader> =>
    bus.read({
      from: options.partitions.map((partition) => ({
        topic: options.topic,
        partition,
        position: (readTo.get(partition) ?? options.fallback) satisfies StartPosition,
      })),
    });

  /** Pins the ends now, so that what comes between start and first commit is not missed after a crash. */
  const pin = async (positions: Readonly<Record<string, number>>): Promise<void> => {
    const offsets = await bus.offsets(options.topic);
    for (const partition of options.partitions) {
      const stored = positions[cursorName(options.topic, partition, options.name)];
      const ends = offsets.find((candidate) => candidate.partition === partition);
      const begin = options.fallback === 'earliest' ? ends?.earliest : ends?.next;
      readTo.set(partition, stored ?? begin ?? 0);
    }
  };

  return {
    async start(positions) {
      if (options.partitions.length === 0) return;
      await pin(positions);
      pumping = pump().catch((error: unknown) => {
        failure = error instanceof Error ? error : new Error(String(error));
        deps.onArrival();
      });
    },
    head: () => buffer[taken] ?? null,
    shift() {
      const item = buffer[taken];
      if (!item) return null;
      taken += 1;
      compact();
      wakePump?.();
      wakePump = null;
      return item;
    },
    positions() {
      const next = new Map(readTo);
      for (let i = buffer.length - 1; i >= taken; i--) {
        const record = buffer[i]?.record;
        if (record) next.set(record.partition, record.offset);
      }
      return Object.fromEntries(
        [...next].map(([partition, offset]) => [cursorName(options.topic, partition, options.name), offset]),
      );
    },
    buffered: size,
    failure: () => failure,
    async stop() {
      stopping.abort();
      wakePump?.();
      await reader?.close();
      await pumping;
    },
  };
}
