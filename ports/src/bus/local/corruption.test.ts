import Libsql from 'libsql';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newFolder } from '../../../fixtures/own-buses.js';
import { systemClock } from '../../clock/system.js';
import { isPortError } from '../../errors.js';
import type { Bus } from '../bus.js';
import { outgoing, texts } from '../contract/harness.contract.js';
import { openLocalBus } from './open-local-bus.js';

const AT = { topic: 'crypto.trades', partition: 1 } as const;
const VALUES = Array.from({ length: 10 }, (_, index) => `value-number-${index}`);

describe('damage to the file of a local bus', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = newFolder();
    file = join(folder, 'bus.db');
    await using(async (bus) => {
      await bus.publish(
        AT.topic,
        VALUES.map((value) => outgoing(value, 'a-key', AT.partition)),
      );
    });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function using<T>(work: (bus: Bus) => Promise<T>): Promise<T> {
    const bus = await openLocalBus({ file, partitions: 2 }, { clock: systemClock });
    try {
      return await work(bus);
    } finally {
      await bus.close();
    }
  }

  const readerOf = (bus: Bus) => bus.read({ from: [{ ...AT, position: 'earliest' }] });

  function flip(find: string, of = 1): void {
    const bytes = readFileSync(file);
    const at = bytes.indexOf(find);
    expect(at).toBeGreaterThan(0);
    bytes[at + of]! ^= 1;
    writeFileSync(file, bytes);
  }

  /** Changes the tables behind the bus's back. */
  function tamper(sql: string): void {
    const raw = new Libsql(file);
    raw.exec(sql);
    raw.close();
  }

  it('in a value: what lies before is given, then every poll is refused with the place', async () => {
    flip('value-number-5');
    await using(async (bus) => {
      const reader = await readerOf(bus);
      expect(texts(await reader.poll(100, 0))).toEqual(VALUES.slice(0, 5));
      for (let attempt = 0; attempt < 2; attempt++) {
        const error: unknown = await reader.poll(100, 0).catch((caught: unknown) => caught);
        expect(isPortError(error, 'CORRUPT')).toBe(true);
        expect((error as Error).message).toContain('crypto.trades/1/5');
      }
    });
  });

  it.each<[string, string]>([
    ['a value', `UPDATE records SET value = 'text' WHERE value = CAST('value-number-5' AS BLOB)`],
    ['a key', `UPDATE records SET key = CAST('b-key' AS BLOB) WHERE value = CAST('value-number-5' AS BLOB)`],
    ['a key taken away', `UPDATE records SET key = NULL WHERE value = CAST('value-number-5' AS BLOB)`],
    ['a time', `UPDATE records SET timestamp = timestamp + 1 WHERE value = CAST('value-number-5' AS BLOB)`],
    ['a checksum', `UPDATE records SET crc = crc + 1 WHERE value = CAST('value-number-5' AS BLOB)`],
    ['text that is not UTF-8', `UPDATE records SET value = CAST(x'ff' AS TEXT) WHERE id % 1099511627776 = 5`],
    ['a missing record', `DELETE FROM records WHERE value = CAST('value-number-5' AS BLOB)`],
    [
      'two records that changed places',
      `UPDATE records SET value = CAST('value-number-' || (11 - (id % 1099511627776)) AS BLOB)
       WHERE id % 1099511627776 IN (5, 6)`,
    ],
  ])('is known by the checksum or the gap: %s', async (_, sql) => {
    tamper(sql);
    await using(async (bus) => {
      const reader = await readerOf(bus);
      expect(texts(await reader.poll(100, 0))).toEqual(VALUES.slice(0, 5));
      await expect(reader.poll(100, 0)).rejects.toMatchObject({ code: 'CORRUPT' });
      expect(reader.gaps()).toEqual([]);
    });
  });

  it('does not keep a reader from going on behind it on purpose, nor from other partitions', async () => {
    flip('value-number-5');
    await using(async (bus) => {
      const reader = await bus.read({ from: [{ ...AT, position: 6 }] });
      expect(texts(await reader.poll(100, 0))).toEqual(VALUES.slice(6));
      await bus.publish(AT.topic, [outgoing('elsewhere', null, 0)]);
      const other = await bus.read({ from: [{ ...AT, partition: 0, position: 'earliest' }] });
      expect(texts(await other.poll(100, 0))).toEqual(['elsewhere']);
    });
  });

  it('in a group is refused', async () => {
    const options = { groupId: 'traders', topics: [AT.topic], fallback: 'earliest' as const };
    await using(async (bus) => void (await bus.join(options)));
    tamper(`UPDATE groups SET crc = crc + 1`);
    await using(async (bus) => {
      await expect(bus.join(options)).rejects.toMatchObject({ code: 'CORRUPT' });
    });
  });

  it('so great that it is no bus file at all is refused at the start', async () => {
    writeFileSync(file, 'no database, but text that is long enough to look like one. '.repeat(100));
    await expect(using(async () => undefined)).rejects.toMatchObject({ code: 'CORRUPT' });
  });

  // A prime stride visits header, page headers, cell pointers and cells of every page without trying each byte.
  it('at any byte never changes or hides a record silently', { timeout: 60_000 }, async () => {
    const whole = readFileSync(file);
    const outcomes = { read: 0, refused: 0 };
    for (let at = 0; at < whole.length; at += 97) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 0xff;
      writeFileSync(file, bytes);
      for (const leftover of ['-wal', '-shm']) rmSync(file + leftover, { force: true });
      const { found, isRefused } = await readAll();
      expect(found, `byte ${at}`).toEqual(VALUES.slice(0, found.length));
      expect(isRefused || found.length === VALUES.length, `byte ${at}`).toBe(true);
      outcomes[isRefused ? 'refused' : 'read'] += 1;
    }
    expect(outcomes.read).toBeGreaterThan(0);
    expect(outcomes.refused).toBeGreaterThan(0);
  });

  /** Everything up to the first refusal. */
  async function readAll(): Promise<{ found: string[]; isRefused: boolean }> {
    const found: string[] = [];
    try {
      await using(async (bus) => {
        const reader = await bus.read({ from: [{ ...AT, position: 0 }] });
        for (;;) {
          const records = await reader.poll(4, 0);
          if (records.length === 0) break;
          found.push(...texts(records));
        }
      });
      return { found, isRefused: false };
    } catch (error) {
      expect(isPortError(error)).toBe(true);
      return { found, isRefused: true };
    }
  }
});
