/** Reads partitions of a topic on and on, from one position each: over failures of the bus, and told of what is lost. */
import type { Bus, BusRecord, Clock, Log, Reader } from '@kairos/ports';
import { isPortError, OVER } from '@kairos/ports';
import type { Topic } from '@kairos/schema';

/** Records asked for at a time. */
export const POLL_RECORDS = 500;
const POLL_WAIT_MS = 1_000;
/** Tries at a bus that does not answer are this far apart at first, and at the most. */
export const RETRY_MS_MIN = 100;
export const RETRY_MS_MAX = 5_000;

export interface PumpDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
}

export interface PumpOptions {
  readonly topic: Topic;
  /** The next offset to read, of every partition that is read. */
  readonly from: Positions;
  /** Resolves when there is room for more, or the signal aborts. */
  readonly room: (signal: AbortSignal) => Promise<void>;
  /** Takes records in the order of each partition, each once; true = no more are wanted. Also called when none came. */
  readonly take: (records: readonly BusRecord[]) => boolean;
  /** Nothing more can be read: CORRUPT above all. */
  readonly onFailure: (error: Error) => void;
}

/** The next offset by partition. */
export type Positions = ReadonlyMap<number, number>;

export interface Pump {
  /** The next offset to read, by partition. */
  readonly readTo: Positions;
  stop(): Promise<void>;
}

/** Begins to read at once. */
export function startPump({ bus, clock, log }: PumpDeps, options: PumpOptions): Pump {
  const { topic, room, take, onFailure } = options;
  const readTo = new Map(options.from);
  const stopping = new AbortController();
  const { signal } = stopping;
  let reader: Reader | null = null;

  const open = (): Promise<Reader> =>
    bus.read({ from: [...readTo].map(([partition, position]) => ({ topic, partition, position })) });

  /** Without those that have been given before: after a failure some come again. */
  const fresh = (records: readonly BusRecord[]): readonly BusRecord[] =>
    records.filter(({ partition, offset }) => {
      if (offset < (readTo.get(partition) ?? 0)) return false;
      readTo.set(partition, offset + 1);
      return true;
    });

  /** Gaps are noted before their records: a topic that was made anew begins with smaller offsets. */
  const noteGaps = (from: Reader): void => {
    for (const { at, wanted, found } of from.gaps()) {
      readTo.set(at.partition, found);
      log.warn(
        { topic: at.topic, partition: at.partition, wanted, found },
        'records were removed by retention before they were read: going on at the earliest kept',
      );
    }
  };

  const readOnce = async (): Promise<boolean> => {
    reader ??= await open();
    const current = reader;
    if (signal.aborted) return true;
    const records = await current.poll(POLL_RECORDS, POLL_WAIT_MS);
    if (signal.aborted) return true;
    noteGaps(current);
    return take(fresh(records));
  };

  const run = async (): Promise<void> => {
    let retryMs = RETRY_MS_MIN;
    while (!signal.aborted) {
      await room(signal);
      if (signal.aborted) return;
      try {
        if (await readOnce()) return;
        retryMs = RETRY_MS_MIN;
      } catch (error) {
        if (signal.aborted) return;
        if (!isPortError(error) || !error.isRetriable) throw error;
        log.warn({ topic, code: error.code, retryMs }, `cannot read from the bus: ${error.message}`);
        await clock.sleep(retryMs, signal);
        retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
      }
    }
  };

  const close = async (): Promise<void> => {
    const closing = reader;
    reader = null;
    await closing?.close();
  };

  // Not before whoever has begun it holds it in hand.
  const running = Promise.resolve()
    .then(run)
    .finally(close)
    .catch((error: unknown) => onFailure(error instanceof Error ? error : new Error(String(error))));
  return {
    readTo,
    async stop() {
      stopping.abort(OVER);
      await close();
      await running;
    },
  };
}
