import type { Instant } from '@kairos/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SimulatedClock } from '../../clock/simulated.js';
import { createSimulatedClock } from '../../clock/simulated.js';
import { isPortError } from '../../errors.js';
import type { Bus, GroupMember } from '../bus.js';
import { numbered, outgoing, texts } from '../contract/harness.contract.js';
import type { BusFaults } from './faults.js';
import { createBusFaults } from './faults.js';
import { createMemoryBusServer } from './memory-bus.js';
import { createSeededRandom } from './random.js';

const TOPIC = 'crypto.trades';
const FIRST = { topic: TOPIC, partition: 0 } as const;
const FROM = [{ ...FIRST, position: 'earliest' as const }];

describe('a faulty client of the memory bus', () => {
  let clock: SimulatedClock;
  let faults: BusFaults;
  let faulty: Bus;
  let sound: Bus;
  beforeEach(() => {
    clock = createSimulatedClock(1_700_000_000_000 as Instant);
    faults = createBusFaults(createSeededRandom(1));
    const server = createMemoryBusServer({ partitions: 2, clock });
    faulty = server.connect(faults);
    sound = server.connect();
  });
  afterEach(async () => {
    await faulty.close();
    await sound.close();
  });

  const publish = (bus: Bus, ...values: string[]) =>
    bus.publish(
      TOPIC,
      values.map((value) => outgoing(value, null, 0)),
    );
  const kept = async () => texts(await (await sound.read({ from: FROM })).poll(1_000, 0));
  const join = (bus: Bus): Promise<GroupMember> => bus.join({ groupId: 'g', topics: [TOPIC], fallback: 'earliest' });

  it('works like any other while no fault is set', async () => {
    await publish(faulty, 'a');
    const reader = await faulty.read({ from: FROM });
    expect(texts(await reader.poll(10, 0))).toEqual(['a']);
  });

  it.each([
    ['publishFailsBefore', 'UNAVAILABLE', []],
    ['publishFailsAfter', 'TIMEOUT', ['a']],
    ['publishFull', 'FULL', []],
  ] as const)('%s: the call is refused with %s and the records there are %j', async (fault, code, expected) => {
    faults.once(fault);
    await expect(publish(faulty, 'a')).rejects.toMatchObject({ code });
    expect(await kept()).toEqual(expected);
    await publish(faulty, 'b');
    expect(await kept()).toEqual([...expected, 'b']);
  });

  it('pollFails: nothing is lost with it', async () => {
    await publish(sound, 'a', 'b');
    const reader = await faulty.read({ from: FROM });
    faults.once('pollFails');
    await expect(reader.poll(10, 0)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(texts(await reader.poll(10, 0))).toEqual(['a', 'b']);
  });

  it('pollRepeats: the newest records come once more, then it goes on', async () => {
    await publish(sound, 'a', 'b', 'c');
    const reader = await faulty.read({ from: FROM });
    expect(texts(await reader.poll(2, 0))).toEqual(['a', 'b']);
    faults.once('pollRepeats');
    expect(texts(await reader.poll(2, 0))).toEqual(['a', 'b']);
    expect(texts(await reader.poll(2, 0))).toEqual(['c']);
  });

  it('pollRepeats: never more than asked for, nor from before a seek', async () => {
    await publish(sound, 'a', 'b', 'c');
    const reader = await faulty.read({ from: FROM });
    await reader.poll(2, 0);
    faults.set({ pollRepeats: 1 });
    expect(texts(await reader.poll(1, 0))).toEqual(['c']);
    await reader.seek(FIRST, 'latest');
    expect(await reader.poll(10, 0)).toEqual([]);
  });

  it.each([
    ['commitFailsBefore', 'UNAVAILABLE', []],
    ['commitFailsAfter', 'TIMEOUT', [{ ...FIRST, next: 1 }]],
  ] as const)('%s: the commit is refused with %s and %j is committed', async (fault, code, expected) => {
    await publish(sound, 'a');
    const member = await join(faulty);
    await member.poll(10, 0);
    faults.once(fault);
    await expect(member.commit([{ ...FIRST, next: 1 }])).rejects.toMatchObject({ code });
    expect(await sound.committed('g', TOPIC)).toEqual(expected);
  });

  it('delays: the call takes its time, and is done then', async () => {
    faults.set({ delays: 1, delayMsMax: 100 });
    let isDone = false;
    const publishing = publish(faulty, 'a').then(() => (isDone = true));
    expect(await kept()).toEqual([]);
    expect(isDone).toBe(false);
    await clock.advance(100);
    await publishing;
    expect(await kept()).toEqual(['a']);
  });

  it('down: every call is refused and does nothing, others are not affected, and it comes back', async () => {
    const reader = await faulty.read({ from: FROM });
    const member = await join(faulty);
    await member.poll(1, 0);
    faults.down(true);
    for (const call of [
      () => publish(faulty, 'lost'),
      () => faulty.read({ from: FROM }),
      () => join(faulty),
      () => faulty.offsets(TOPIC),
      () => faulty.committed('g', TOPIC),
      () => faulty.ping(),
      () => reader.poll(1, 0),
      () => reader.seek(FIRST, 0),
      () => member.poll(1, 0),
      () => member.commit([{ ...FIRST, next: 1 }]),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    }
    await publish(sound, 'meanwhile');
    faults.down(false);
    expect(texts(await reader.poll(10, 0))).toEqual(['meanwhile']);
  });

  it('clear: rates, orders and being down are over', async () => {
    faults.set({ publishFailsBefore: 1 });
    faults.once('pollFails');
    faults.down(true);
    faults.clear();
    await publish(faulty, 'a');
    const reader = await faulty.read({ from: FROM });
    expect(texts(await reader.poll(10, 0))).toEqual(['a']);
  });

  describe('with rates', () => {
    /** Publishes and reads through every fault at once, as a patient user would; what happened, in words. */
    async function history(seed: number): Promise<{ happened: string[]; received: string[] }> {
      const unsteady = createBusFaults(createSeededRandom(seed), {
        publishFailsBefore: 0.2,
        publishFailsAfter: 0.2,
        pollFails: 0.2,
        pollRepeats: 0.2,
      });
      const bus = createMemoryBusServer({ partitions: 2, clock }).connect(unsteady);
      const happened: string[] = [];
      const received: string[] = [];
      const reader = await bus.read({ from: FROM });
      const attempt = async (what: string, call: () => Promise<unknown>) => {
        const outcome = await call().catch((error: unknown) => error);
        happened.push(`${what} ${isPortError(outcome) ? outcome.code : 'done'}`);
        return !isPortError(outcome);
      };
      for (const value of numbered(0, 50)) {
        while (!(await attempt(value, () => publish(bus, value))));
        await attempt('poll', async () => received.push(...texts(await reader.poll(3, 0))));
      }
      unsteady.clear();
      received.push(...texts(await reader.poll(1_000, 0)));
      await bus.close();
      return { happened, received };
    }

    it('gives the same history for the same seed, another for another', async () => {
      const [one, again, other] = [await history(7), await history(7), await history(8)];
      expect(again).toEqual(one);
      expect(other.happened).not.toEqual(one.happened);
    });

    it('lets a patient user lose nothing, though some comes more than once', async () => {
      const { happened, received } = await history(7);
      expect([...new Set(received)]).toEqual(numbered(0, 50));
      expect(received.length).toBeGreaterThan(50);
      expect(happened.some((line) => line.endsWith('TIMEOUT'))).toBe(true);
      expect(happened.some((line) => line.endsWith('UNAVAILABLE'))).toBe(true);
    });
  });
});

describe('seeded random numbers', () => {
  it('lie from 0 to below 1, spread evenly', () => {
    const random = createSeededRandom(42);
    const buckets = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 10_000; draw++) buckets[Math.floor(random() * 10)]! += 1;
    expect(buckets.every((count) => count > 850 && count < 1_150)).toBe(true);
  });

  it('depend on the seed alone', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, createSeededRandom(seed));
    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
  });
});
