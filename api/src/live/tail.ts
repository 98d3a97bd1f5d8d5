/**
 * Reads the newest records of some topics for as long as it runs. While the bus does not answer it tries again, with
 * growing waits, and then goes on where it was: what was published meanwhile is read, nothing twice.
 */
import type { Bus, BusRecord, Clock, Log, Reader } from '@kairos/ports';
import type { Topic } from '@kairos/schema';

export interface TailOptions {
  readonly topics: readonly Topic[];
  /** Records before the end of each partition to begin with. */
  readonly rewind?: number;
}

export interface Tail {
  /** Resolves when its positions are known, or when the bus did not answer: then it goes on trying. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface Position {
  readonly topic: Topic;
  readonly partition: number;
  readonly position: number;
}

const POLL_RECORDS = 500;
const POLL_WAIT_MS = 250;
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 5_000;

export interface TailDeps {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
}

/** `handle` must not throw. */
export function createTail(
  { bus, clock, log }: TailDeps,
  options: TailOptions,
  handle: (record: BusRecord) => void,
): Tail {
  const positions = new Map<string, Position>();
  const stopping = new AbortController();
  let reader: Reader | null = null;
  let running: Promise<void> = Promise.resolve();

  const open = async (): Promise<Reader> => {
    if (positions.size === 0) for (const end of await endsOf(bus, options)) positions.set(keyOf(end), end);
    return bus.read({ from: [...positions.values()] });
  };
  const takeSome = async (): Promise<void> => {
    reader ??= await open();
    for (const record of await reader.poll(POLL_RECORDS, POLL_WAIT_MS)) {
      const { topic, partition, offset } = record;
      positions.set(keyOf(record), { topic, partition, position: offset + 1 });
      handle(record);
    }
  };
  const closeReader = async (): Promise<void> => {
    const closing = reader;
    reader = null;
    await closing?.close();
  };
  const run = async (): Promise<void> => {
    let retryMs = RETRY_MS_MIN;
    while (!stopping.signal.aborted) {
      try {
        await takeSome();
        retryMs = RETRY_MS_MIN;
      } catch (error) {
        log.warn({ topics: options.topics, error, retryMs }, 'The bus cannot be read; trying again');
        await closeReader().catch((cause: unknown) => log.debug({ cause }, 'The reader was gone already'));
        await clock.sleep(retryMs, stopping.signal);
        retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
      }
    }
  };

  return {
    async start() {
      try {
        reader = await open();
      } catch (error) {
        log.warn({ topics: options.topics, error }, 'The bus does not answer yet');
      }
      running = run();
    },
    async stop() {
      stopping.abort();
      await running;
      await closeReader();
    },
  };
}

const keyOf = ({ topic, partition }: { readonly topic: Topic; readonly partition: number }): string =>
  `${topic}:${partition}`;

async function endsOf(bus: Bus, { topics, rewind = 0 }: TailOptions): Promise<Position[]> {
  const offsets = await Promise.all(topics.map((topic) => bus.offsets(topic)));
  return offsets.flat().map(({ topic, partition, earliest, next }) => ({
    topic,
    partition,
    position: Math.max(earliest, next - rewind),
  }));
}
