import Libsql from 'libsql';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newFolder } from '../../../fixtures/own-buses.js';
import type { Clock } from '../../clock/clock.js';
import { systemClock } from '../../clock/system.js';
import type { Bus } from '../bus.js';
import { collect, numbered, outgoing, texts } from '../contract/harness.contract.js';
import type { LocalBusOptions } from './open-local-bus.js';
import { openLocalBus } from './open-local-bus.js';
import { BUSY_TOTAL_MS } from './retrying.js';
import { WRITES_WAITING_MAX } from './write-queue.js';

const TOPIC = 'crypto.trades';
const FIRST = { topic: TOPIC, partition: 0 } as const;

describe('the file of a local bus', () => {
  let folder: string;
  let file: string;
  let opened: { close(): Promise<void> | unknown }[];
  beforeEach(() => {
    folder = newFolder();
    file = join(folder, 'bus.db');
    opened = [];
  });
  afterEach(async () => {
    for (const one of opened) await one.close();
    rmSync(folder, { recursive: true });
  });

  async function open(options: Partial<LocalBusOptions> = {}, clock: Clock = systemClock): Promise<Bus> {
    const bus = await openLocalBus({ file, partitions: 2, ...options }, { clock });
    opened.push(bus);
    return bus;
  }

  /** Another process in the middle of a write. */
  function startWriting(): Libsql.Database {
    const writer = new Libsql(file);
    opened.push(writer);
    writer.exec('BEGIN IMMEDIATE');
    return writer;
  }

  const readAll = async (bus: Bus, count: number) =>
    texts(await collect(await bus.read({ from: [{ ...FIRST, position: 'earliest' }] }), count));

  it('is made with its directory, and keeps everything over a restart', async () => {
    file = join(folder, 'deep', 'bus.db');
    const before = await open();
    await before.publish(
      TOPIC,
      numbered(0, 3).map((value) => outgoing(value, null, 0)),
    );
    await before.close();
    const after = await open();
    expect(await readAll(after, 3)).toEqual(numbered(0, 3));
    expect(await after.publish(TOPIC, [outgoing('next', null, 0)])).toEqual([{ ...FIRST, offset: 3 }]);
  });

  it('is refused with another partition count than it was made with', async () => {
    await (await open({ partitions: 2 })).close();
    await expect(open({ partitions: 8 })).rejects.toMatchObject({ code: 'INVALID' });
    await expect(open({ partitions: 2 })).resolves.toBeDefined();
  });

  it('is refused when a later version made it', async () => {
    await (await open()).close();
    const raw = new Libsql(file);
    raw.exec(`UPDATE settings SET value = value + 1 WHERE name = 'layout'`);
    raw.close();
    await expect(open()).rejects.toMatchObject({ code: 'INVALID' });
  });

  it.each([0, -1, 1.5, 257])('is not made with %d partitions', async (partitions) => {
    await expect(open({ partitions })).rejects.toMatchObject({ code: 'INVALID' });
  });

  it('that cannot be opened is UNAVAILABLE', async () => {
    file = folder;
    await expect(open()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('may be opened by many at the same moment', async () => {
    const buses = await Promise.all([open(), open(), open(), open()]);
    await Promise.all(buses.map((bus, index) => bus.publish(TOPIC, [outgoing(`from ${index}`, null, 0)])));
    expect((await readAll(buses[0]!, 4)).sort()).toEqual(['from 0', 'from 1', 'from 2', 'from 3']);
  });

  it('keeps no bytes of a refused publish when it is full, still reads, and goes on when there is room', async () => {
    const small = await open({ bytesMax: 512 * 1024 });
    const large = { key: null, value: new Uint8Array(60_000), partition: 0 };
    let kept = 0;
    const fill = async () => {
      for (; kept < 100; kept++) await small.publish(TOPIC, [large]);
    };
    await expect(fill()).rejects.toMatchObject({ code: 'FULL', isRetriable: true });
    expect(kept).toBeGreaterThan(2);
    expect((await small.offsets(TOPIC))[0]!.next).toBe(kept);
    const reader = await small.read({ from: [{ ...FIRST, position: 'earliest' }] });
    expect(await collect(reader, kept)).toHaveLength(kept);
    await expect(small.close()).resolves.toBeUndefined();
    const roomy = await open();
    await expect(roomy.publish(TOPIC, [large])).resolves.toEqual([{ ...FIRST, offset: kept }]);
    expect(statSync(file).size).toBeGreaterThan(0);
  });

  it('that is full lets the members of a group read on', async () => {
    const bus = await open({ bytesMax: 256 * 1024 });
    const member = await bus.join({ groupId: 'g', topics: [TOPIC], fallback: 'earliest' });
    await bus.publish(TOPIC, [outgoing('stop', null, 1)]);
    const fill = async () => {
      for (let size = 60_000; ;) await bus.publish(TOPIC, [{ key: null, value: new Uint8Array(size), partition: 0 }]);
    };
    await expect(fill()).rejects.toMatchObject({ code: 'FULL' });
    expect(texts((await collect(member, 2)).filter(({ partition }) => partition === 1))).toEqual(['stop']);
  });

  describe('kept busy by another process', () => {
    /** Time that passes by sleeping only, and what happens meanwhile. */
    const clockThat = (whileAsleep: (sleeps: number) => void): Clock & { readonly elapsed: () => number } => {
      let elapsed = 0;
      let sleeps = 0;
      return {
        now: systemClock.now,
        monotonicMs: () => elapsed,
        elapsed: () => elapsed,
        async sleep(ms) {
          elapsed += ms;
          whileAsleep(++sleeps);
        },
      };
    };

    it('is written as soon as it is free, in the order of the calls', async () => {
      let writer: Libsql.Database | null = null;
      const clock = clockThat((sleeps) => {
        if (sleeps === 3) writer?.exec('COMMIT');
      });
      const bus = await open({}, clock);
      writer = startWriting();
      const calls = numbered(0, 5).map((value) => bus.publish(TOPIC, [outgoing(value, null, 0)]));
      expect((await Promise.all(calls)).flat().map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4]);
      expect(await readAll(await open(), 5)).toEqual(numbered(0, 5));
    });

    it('is UNAVAILABLE after a bounded time, with nothing written; reading works all the while', async () => {
      const clock = clockThat((sleeps) => {
        if (sleeps > 1) skip = BUSY_TOTAL_MS;
      });
      let skip = 0;
      const bus = await open({}, { ...clock, monotonicMs: () => clock.elapsed() + skip });
      const other = await open();
      await bus.publish(TOPIC, [outgoing('before', null, 0)]);
      const writer = startWriting();
      await expect(bus.publish(TOPIC, [outgoing('x', null, 0)])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect((await bus.offsets(TOPIC))[0]!.next).toBe(1);
      expect(await readAll(other, 1)).toEqual(['before']);
      writer.exec('ROLLBACK');
      await expect(bus.publish(TOPIC, [outgoing('after', null, 0)])).resolves.toHaveLength(1);
    });
  });

  it('takes a bounded number of waiting writes, and does those that it took', { timeout: 30_000 }, async () => {
    const bus = await open();
    const calls = numbered(0, WRITES_WAITING_MAX + 1).map((value) => bus.publish(TOPIC, [outgoing(value, null, 0)]));
    const results = await Promise.allSettled(calls);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(WRITES_WAITING_MAX);
    expect(results.at(-1)).toMatchObject({ reason: { code: 'UNAVAILABLE' } });
  });

  it('is closed only when the writes under way are done', async () => {
    const bus = await open();
    const publishing = bus.publish(TOPIC, [outgoing('last words', null, 0)]);
    await bus.close();
    await expect(publishing).resolves.toHaveLength(1);
    expect(await readAll(await open(), 1)).toEqual(['last words']);
  });
});
