import type { Instant } from '@kairos/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OwnBusServer } from '../../../fixtures/own-buses.js';
import { OWN_BUSES } from '../../../fixtures/own-buses.js';
import type { SimulatedClock } from '../../clock/simulated.js';
import { createSimulatedClock } from '../../clock/simulated.js';
import { createMemoryLog } from '../../log/memory-log.js';
import type { Bus } from '../bus.js';
import { numbered, outgoing, texts } from '../contract/harness.contract.js';
import { RETENTION, TRIM_RECORDS_MIN } from './limits.js';

const TOPIC = 'crypto.trades';
const FIRST = { topic: TOPIC, partition: 0 } as const;
const MANY = 'crypto.commands';
const AGE_MS = 60_000;

describe.each(OWN_BUSES)('retention on the $name bus', (own) => {
  let clock: SimulatedClock;
  let server: OwnBusServer;
  let bus: Bus;
  const log = createMemoryLog();
  beforeEach(async () => {
    clock = createSimulatedClock(1_700_000_000_000 as Instant);
    const retention = {
      ...RETENTION,
      [TOPIC]: { recordsMax: 10, ageMsMax: AGE_MS },
      [MANY]: { recordsMax: 10_000, ageMsMax: AGE_MS },
    };
    server = own.open({ partitions: 2, clock, retention, log });
    bus = await server.connect();
  });
  afterEach(() => server.stop());

  const publish = (from: number, to: number, partition = 0) =>
    bus.publish(
      TOPIC,
      numbered(from, to).map((value) => outgoing(value, null, partition)),
    );
  const endsOf = async (partition = 0) => {
    const { earliest, next } = (await bus.offsets(TOPIC))[partition]!;
    return [earliest, next];
  };

  it('keeps the newest records up to their number', async () => {
    await publish(0, 10);
    expect(await endsOf()).toEqual([0, 10]);
    await publish(10, 25);
    expect(await endsOf()).toEqual([15, 25]);
    const reader = await bus.read({ from: [{ ...FIRST, position: 'earliest' }] });
    expect(texts(await reader.poll(100, 0))).toEqual(numbered(15, 25));
  });

  it('removes what is too old with the next append, never the newest record', async () => {
    await publish(0, 5);
    await clock.advance(AGE_MS + 1);
    expect(await endsOf()).toEqual([0, 5]);
    await publish(5, 6);
    expect(await endsOf()).toEqual([5, 6]);
    await clock.advance(10 * AGE_MS);
    await publish(6, 7);
    expect(await endsOf()).toEqual([6, 7]);
  });

  it('keeps everything that is young, in front of it too when the clock was set back', async () => {
    await publish(0, 2);
    clock.jump(-AGE_MS / 2);
    await publish(2, 4);
    await clock.advance(AGE_MS);
    await publish(4, 5);
    expect(await endsOf()).toEqual([0, 5]);
  });

  it('trims each partition by itself', async () => {
    await publish(0, 3, 1);
    await publish(0, 40, 0);
    expect(await endsOf(0)).toEqual([30, 40]);
    expect(await endsOf(1)).toEqual([0, 3]);
  });

  it('removes a bounded number at once, and the rest with later appends', async () => {
    const publishMany = (count: number) =>
      bus.publish(
        MANY,
        numbered(0, count).map((value) => outgoing(value, null, 0)),
      );
    const earliest = async () => (await bus.offsets(MANY))[0]!.earliest;
    await publishMany(3 * TRIM_RECORDS_MIN);
    await clock.advance(AGE_MS + 1);
    await publishMany(1);
    expect(await earliest()).toBe(TRIM_RECORDS_MIN);
    await publishMany(TRIM_RECORDS_MIN);
    expect(await earliest()).toBe(3 * TRIM_RECORDS_MIN);
  });

  it('lets a reader that came too late go on at the earliest, and tells it once what it missed', async () => {
    await publish(0, 10);
    const reader = await bus.read({ from: [{ ...FIRST, position: 'earliest' }] });
    expect(await reader.poll(4, 0)).toHaveLength(4);
    await publish(10, 30);
    expect(texts(await reader.poll(100, 0))).toEqual(numbered(20, 30));
    expect(reader.gaps()).toEqual([{ at: FIRST, wanted: 4, found: 20 }]);
    expect(reader.gaps()).toEqual([]);
  });

  it('lets a group go on at the earliest, and says in the log what it missed', async () => {
    await publish(0, 10);
    const before = await bus.join({ groupId: 'g', topics: [TOPIC], fallback: 'earliest' });
    await before.poll(4, 0);
    await before.commit([{ ...FIRST, next: 4 }]);
    await before.close();
    await publish(10, 30);
    const after = await bus.join({ groupId: 'g', topics: [TOPIC], fallback: 'earliest' });
    expect(texts(await after.poll(100, 0))).toEqual(numbered(20, 30));
    expect(log.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields)).toEqual([
      { groupId: 'g', ...FIRST, wanted: 4, found: 20 },
    ]);
  });
});
