/** Numbers published one after the other and read by several, to see what a fault loses, doubles or reorders. */
import type { Topic } from '@kairos/schema';
import type { Bus, BusRecord, GroupMember, Reader, TopicPartition } from '../../src/bus/bus.js';
import { systemClock } from '../../src/clock/system.js';
import { isPortError } from '../../src/errors.js';

export const TOPIC: Topic = 'crypto.ml_signals';
export const PLACE: TopicPartition = { topic: TOPIC, partition: 0 };

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const POLL_MS = 100;
const LOOK_MS = 10;

export const numberOf = ({ value }: BusRecord): number => Number(decoder.decode(value));

export async function publishNumber(bus: Bus, number: number): Promise<void> {
  await bus.publish(TOPIC, [{ key: null, value: encoder.encode(String(number)), partition: PLACE.partition }]);
}

/** Something that goes on in the background, whatever fails that may pass. */
export interface Worker {
  /** Failures that may pass, so far. */
  readonly failures: number;
  /** Ends it. @throws what ended it before */
  stop(): Promise<void>;
}

export interface NumberPublisher extends Worker {
  /** The newest number that is known to be durable; -1 = none. */
  readonly acknowledged: number;
  /** Numbers of calls that failed without saying whether they were published: these may stand there twice. */
  readonly unknown: ReadonlySet<number>;
}

/** Publishes 0, 1, 2 … each until it is acknowledged. */
export function startPublishing(bus: Bus): NumberPublisher {
  const unknown = new Set<number>();
  let acknowledged = -1;
  const worker = startWorker(async () => {
    const number = acknowledged + 1;
    try {
      await publishNumber(bus, number);
    } catch (error) {
      if (isPortError(error, 'TIMEOUT')) unknown.add(number);
      throw error;
    }
    acknowledged = number;
  });
  return {
    unknown,
    get acknowledged() {
      return acknowledged;
    },
    get failures() {
      return worker.failures;
    },
    stop: worker.stop,
  };
}

export interface NumberReader extends Worker {
  /** In the order in which they came. */
  readonly records: readonly BusRecord[];
  /** The newest number; -1 = none. */
  readonly newest: number;
}

/** Polls a reader, or a member that commits what it has taken. */
export function startReading(from: Reader | GroupMember): NumberReader {
  const records: BusRecord[] = [];
  const worker = startWorker(async () => {
    const batch = await from.poll(1_000, POLL_MS);
    records.push(...batch);
    const last = batch.at(-1);
    if (last && 'commit' in from) await from.commit([{ ...PLACE, next: last.offset + 1 }]);
  });
  return {
    records,
    get newest() {
      const last = records.at(-1);
      return last ? numberOf(last) : -1;
    },
    get failures() {
      return worker.failures;
    },
    stop: worker.stop,
  };
}

function startWorker(step: () => Promise<void>): Worker {
  let isStopping = false;
  let failures = 0;
  let failure: Error | null = null;
  const run = async (): Promise<void> => {
    while (!isStopping) {
      try {
        await step();
      } catch (error) {
        const mayPass = isPortError(error) && (error.isRetriable || error.code === 'FENCED');
        if (!mayPass) throw error;
        failures++;
      }
    }
  };
  const ended = run().catch((error: unknown) => {
    failure = error instanceof Error ? error : new Error(String(error));
  });
  return {
    get failures() {
      if (failure !== null) throw failure;
      return failures;
    },
    async stop() {
      isStopping = true;
      await ended;
      if (failure !== null) throw failure;
    },
  };
}

/** Everything that stands there, read anew. */
export async function numbersOn(bus: Bus): Promise<readonly BusRecord[]> {
  const [end] = (await bus.offsets(TOPIC)).filter(({ partition }) => partition === PLACE.partition);
  const reader = await bus.read({ from: [{ ...PLACE, position: 'earliest' }] });
  const records: BusRecord[] = [];
  await until('everything is read', POLL_MS * 100, async () => {
    records.push(...(await reader.poll(1_000, POLL_MS)));
    return (records.at(-1)?.offset ?? -1) >= end!.next - 1;
  });
  await reader.close();
  return records;
}

/** Looks until it holds; how many ms that took. @throws Error after `msMax` */
export async function until(
  what: string | (() => string),
  msMax: number,
  holds: () => boolean | Promise<boolean>,
): Promise<number> {
  const began = systemClock.monotonicMs();
  for (;;) {
    const tookMs = systemClock.monotonicMs() - began;
    if (await holds()) return tookMs;
    if (tookMs > msMax) {
      throw new Error(`expected within ${msMax} ms that ${typeof what === 'string' ? what : what()}`);
    }
    await systemClock.sleep(LOOK_MS);
  }
}
