import type { JournalEntry } from '@kairos/ports';
import {
  createBusFaults,
  createMemoryBusServer,
  createMemoryLog,
  createSimulatedClock,
  SAMPLE_WALL_TIME,
  sampleEntry,
} from '@kairos/ports/testing';
import type { DeadLetter } from '@kairos/schema';
import { deadLetterKey, encodeDeadLetter, TOPICS } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { createOutbox } from './outbox.js';

const letter = (offset: number): DeadLetter => ({
  topic: TOPICS.signals,
  partition: 3,
  offset,
  key: null,
  value: '',
  reason: 'expected a JSON object',
  time: SAMPLE_WALL_TIME,
});

const entryOf = (entry: number, ...offsets: number[]): JournalEntry =>
  sampleEntry({ entry, deadLetters: offsets.map(letter) });

function setUp() {
  const clock = createSimulatedClock(SAMPLE_WALL_TIME);
  const server = createMemoryBusServer({ partitions: 2, clock });
  const faults = createBusFaults(() => 0.5);
  const bus = server.connect();
  const open = (waiting: readonly JournalEntry[] = []) =>
    createOutbox({ bus: server.connect(faults), clock, log: createMemoryLog() }, { waiting, publishedThrough: 0 });
  const keys = async () => {
    const [{ next } = { next: 0 }] = await bus.offsets(TOPICS.deadLetter);
    const reader = await bus.read({ from: [{ topic: TOPICS.deadLetter, partition: 0, position: 'earliest' }] });
    return (await reader.poll(next + 1, 0)).map(({ key }) => key);
  };
  /** Lets time pass until everything up to an entry is out. */
  const untilOut = async (outbox: ReturnType<typeof open>, entry: number) => {
    for (let turns = 0; turns < 1_000 && outbox.publishedThrough() < entry; turns++) await clock.advance(5);
    expect(outbox.publishedThrough()).toBe(entry);
    await outbox.stop(1_000);
  };
  return { bus, faults, open, keys, untilOut };
}

const keysOf = (...offsets: number[]): string[] => offsets.map((offset) => deadLetterKey(letter(offset)));

describe('the outbox', () => {
  it('writes no dead letter again that a process before it has written without recording it', async () => {
    const { bus, open, keys, untilOut } = setUp();
    const written = [letter(1), letter(2)].map((each) => ({ key: deadLetterKey(each), value: encodeDeadLetter(each) }));
    await bus.publish(TOPICS.deadLetter, written);
    const outbox = open([entryOf(1, 1), entryOf(2, 2, 3)]);
    outbox.start();
    outbox.add(entryOf(3, 4));
    await untilOut(outbox, 3);
    expect(await keys()).toEqual(keysOf(1, 2, 3, 4));
  });

  it.each(['publishFailsAfter', 'publishFailsBefore'] as const)(
    'writes each dead letter once over %s',
    async (fault) => {
      const { faults, open, keys, untilOut } = setUp();
      const outbox = open();
      outbox.start();
      faults.once(fault);
      outbox.add(entryOf(1, 1));
      outbox.add(entryOf(2, 2));
      await untilOut(outbox, 2);
      expect(await keys()).toEqual(keysOf(1, 2));
    },
  );

  it('finds a letter far from the end, and writes the one that is not there', async () => {
    const { bus, open, keys, untilOut } = setUp();
    const others = Array.from({ length: 2_500 }, (_, index) => letter(100 + index));
    const records = [letter(1), ...others].map((each) => ({ key: deadLetterKey(each), value: encodeDeadLetter(each) }));
    await bus.publish(TOPICS.deadLetter, records);
    const outbox = open([entryOf(1, 1, 99)]);
    outbox.start();
    await untilOut(outbox, 1);
    expect((await keys()).filter((key) => key === keysOf(1)[0])).toHaveLength(1);
    expect((await keys()).at(-1)).toBe(keysOf(99)[0]);
  });
});
