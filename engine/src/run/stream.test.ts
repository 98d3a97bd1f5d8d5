/** One reading for several shards: who shares, who reads alone, and what nobody may lose. */
import type { Bus } from '@kairos/ports';
import { PUBLISH_RECORDS_MAX } from '@kairos/ports';
import type { SimulatedClock } from '@kairos/ports/testing';
import { createMemoryBusServer, createMemoryLog, createSimulatedClock, SAMPLE_TIME } from '@kairos/ports/testing';
import type { Decoded } from '@kairos/schema';
import { TOPICS } from '@kairos/schema';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Stream, View } from './stream.js';
import { createStream } from './stream.js';
import { BUFFER_RECORDS_MAX } from './window.js';

const TOPIC = TOPICS.marketData;
const PARTITIONS = [0, 1];

let clock: SimulatedClock;
let bus: Bus;
let opened: number;
let decodings: number;
let stream: Stream<string>;

beforeEach(() => {
  clock = createSimulatedClock(SAMPLE_TIME);
  bus = createMemoryBusServer({ partitions: PARTITIONS.length, clock }).connect();
  opened = 0;
  decodings = 0;
  const counting: Bus = {
    ...bus,
    read: (options) => {
      opened += 1;
      return bus.read(options);
    },
  };
  stream = createStream<string>(
    { bus: counting, clock, log: createMemoryLog() },
    {
      name: '',
      topic: TOPIC,
      partitions: PARTITIONS,
      fallback: 'earliest',
      decode(record): Decoded<string> {
        decodings += 1;
        return { ok: true, value: new TextDecoder().decode(record.value) };
      },
    },
  );
});

async function publish(from: number, to: number): Promise<void> {
  const records = Array.from({ length: to - from }, (_, index) => ({
    key: null,
    value: new TextEncoder().encode(String(from + index)),
    partition: (from + index) % PARTITIONS.length,
  }));
  for (let i = 0; i < records.length; i += PUBLISH_RECORDS_MAX) {
    await bus.publish(TOPIC, records.slice(i, i + PUBLISH_RECORDS_MAX));
  }
}

/** Lets everything that is under way come to rest. */
async function settle(ms = 10): Promise<void> {
  await clock.advance(ms);
  for (let i = 0; i < 5; i++) await clock.advance(0);
}

/** Everything that has arrived, or as much as is asked for. */
function taken(view: View<string>, max = Infinity): number[] {
  const values: number[] = [];
  while (values.length < max) {
    const item = view.shift();
    if (!item) break;
    if (item.decoded.ok) values.push(Number(item.decoded.value));
  }
  return values;
}

const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

async function open(positions: Readonly<Record<string, number>> = {}): Promise<View<string>> {
  const view = stream.view(() => undefined);
  await view.start(positions);
  await settle();
  return view;
}

describe('a stream', () => {
  it('is read and decoded once for all who begin at one place', async () => {
    await publish(0, 100);
    const views = [await open(), await open(), await open()];
    for (const view of views) expect(sorted(taken(view))).toEqual(range(0, 100));
    expect([opened, decodings]).toEqual([1, 100]);
  });

  it('lets one begin in the middle: it gets what it has not had, and nothing twice', async () => {
    await publish(0, 100);
    const first = await open();
    taken(first);
    const second = await open({ [`${TOPIC}:0`]: 20, [`${TOPIC}:1`]: 45 });
    await publish(100, 110);
    await settle();
    const expected = [...range(0, 110)].filter((value) => Math.floor(value / 2) >= (value % 2 === 0 ? 20 : 45));
    expect(sorted(taken(second))).toEqual(expected);
    expect(sorted(taken(first))).toEqual(range(100, 110));
    expect(opened).toBe(1);
  });

  it('has one who is far behind read alone, until it is level with the others', async () => {
    await publish(0, 10_000);
    const first = await open();
    const seen: number[] = [];
    for (let i = 0; i < 30; i++) {
      seen.push(...taken(first));
      await settle();
    }
    expect(sorted(seen)).toEqual(range(0, 10_000));
    const late = await open();
    expect(late.isShared()).toBe(false);
    const caughtUp: number[] = [];
    for (let i = 0; i < 30 && !late.isShared(); i++) {
      caughtUp.push(...taken(late));
      await settle(1_000);
    }
    expect(late.isShared()).toBe(true);
    await publish(10_000, 10_100);
    await settle();
    caughtUp.push(...taken(late));
    expect(sorted(caughtUp)).toEqual(range(0, 10_100));
    expect(sorted(taken(first))).toEqual(range(10_000, 10_100));
  });

  it('has one who takes nothing read alone rather than hold up the others, and bounds what is kept for it', async () => {
    const [quick, slow] = [await open(), await open()];
    await publish(0, 20_000);
    const seen: number[] = [];
    for (let i = 0; i < 100; i++) {
      seen.push(...taken(quick));
      await settle(100);
    }
    expect(sorted(seen)).toEqual(range(0, 20_000));
    expect(slow.isShared()).toBe(false);
    expect(slow.buffered()).toBeLessThanOrEqual(2 * BUFFER_RECORDS_MAX);
    const late: number[] = [];
    for (let i = 0; i < 100; i++) {
      late.push(...taken(slow));
      await settle(1_000);
    }
    expect(sorted(late)).toEqual(range(0, 20_000));
    expect(slow.isShared()).toBe(true);
  });

  it('reads no further than there is room for while nobody takes', async () => {
    await publish(0, 20_000);
    const [one, other] = [await open(), await open()];
    await settle(10_000);
    expect(one.buffered()).toBeLessThanOrEqual(2 * BUFFER_RECORDS_MAX);
    expect(other.isShared()).toBe(true);
    expect(decodings).toBeLessThanOrEqual(2 * BUFFER_RECORDS_MAX);
  });

  it('knows for each what it has taken: whoever begins there goes on without a gap', async () => {
    await publish(0, 1_000);
    const [first, second] = [await open(), await open()];
    const [a, b] = [taken(first, 400), taken(second, 777)];
    const [fromA, fromB] = [first.positions(), second.positions()];
    await first.stop();
    await second.stop();
    const [restA, restB] = [await open(fromA), await open(fromB)];
    expect(sorted([...a, ...taken(restA)])).toEqual(range(0, 1_000));
    expect(sorted([...b, ...taken(restB)])).toEqual(range(0, 1_000));
  });

  it('counts as taken what is passed over, where nothing is left to take', async () => {
    const odd = createStream<string>(
      { bus, clock, log: createMemoryLog() },
      {
        name: 'odd',
        topic: TOPIC,
        partitions: PARTITIONS,
        fallback: 'earliest',
        decode: (record) => ({ ok: true, value: new TextDecoder().decode(record.value) }),
        accepts: (_, { partition }) => partition === 1,
      },
    );
    const view = odd.view(() => undefined);
    await view.start({});
    await publish(0, 100);
    await settle();
    expect(taken(view)).toHaveLength(50);
    expect(view.positions()).toEqual({ [`${TOPIC}:0#odd`]: 50, [`${TOPIC}:1#odd`]: 50 });
  });

  it('goes on at the earliest where the topic was made anew', async () => {
    await publish(0, 10);
    const view = await open({ [`${TOPIC}:0`]: 5_000, [`${TOPIC}:1`]: 5_000 });
    expect(sorted(taken(view))).toEqual(range(0, 10));
  });

  it('begins again for whoever comes after all have left', async () => {
    await publish(0, 10);
    const first = await open();
    taken(first);
    const positions = first.positions();
    await first.stop();
    await publish(10, 20);
    expect(sorted(taken(await open(positions)))).toEqual(range(10, 20));
    expect(opened).toBe(2);
  });
});
