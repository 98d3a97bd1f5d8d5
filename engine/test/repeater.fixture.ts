/** Feeds every signal again and again: as it stands, to the partition where it stands, as soon as it is seen there. */
import type { Bus, BusRecord } from '@kairos/ports';
import { TOPICS } from '@kairos/schema';
import { textOf } from './replay-world.fixture.js';

/** How often each signal is published beside the first time. */
const REPEATS = 2;
const RECORDS_MAX = 1_000;
const POLL_MS = 200;

export interface Repeater {
  /** How often the signal that was fed least often has been fed. */
  leastOften(): number;
  /** Signals that have been seen, and how often all of them together. */
  readonly signals: number;
  readonly records: number;
  /** Resolves when what it was about to publish is published. @throws what ended it before */
  stop(): Promise<void>;
}

/** Begins with the oldest signal and goes on until it is stopped. */
export async function startRepeating(bus: Bus): Promise<Repeater> {
  const offsets = await bus.offsets(TOPICS.signals);
  const from = offsets.map(({ topic, partition, earliest: position }) => ({ topic, partition, position }));
  const reader = await bus.read({ from });
  const counts = new Map<string, number>();
  let records = 0;
  let isStopping = false;

  const isNew = (record: BusRecord): boolean => {
    const text = textOf(record);
    const count = (counts.get(text) ?? 0) + 1;
    counts.set(text, count);
    records += 1;
    return count === 1;
  };
  const run = async (): Promise<void> => {
    while (!isStopping) {
      const fresh = (await reader.poll(RECORDS_MAX, POLL_MS)).filter(isNew);
      const again = fresh.flatMap(({ key, value, partition }) =>
        Array.from({ length: REPEATS }, () => ({ key, value, partition })),
      );
      if (again.length > 0) await bus.publish(TOPICS.signals, again);
    }
    await reader.close();
  };

  const running = run();
  running.catch(() => undefined); // Whoever stops it is told.
  return {
    leastOften: () => Math.min(...counts.values()),
    get signals() {
      return counts.size;
    },
    get records() {
      return records;
    },
    async stop() {
      isStopping = true;
      await running;
    },
  };
}
