import { gzipSync } from 'node:zlib';
import type { Instant } from '@kairos/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../crc32c.js';
import type { BatchRecord } from './batch-encode.js';
import { BATCH_OVERHEAD_BYTES, encodeBatch, RECORD_OVERHEAD_BYTES } from './batch-encode.js';
import { decodeBatches } from './batch-decode.js';
import { createByteReader, createByteWriter, varintSize } from './bytes.js';

const AT = { topic: 'crypto.trades', partition: 3 } as const;
const NOW = 1_700_000_000_000 as Instant;
const FOREIGN = { producerId: 7n, epoch: 0, sequence: 0 };
const ATTRIBUTES_AT = 21;
const CRC_AT = 17;
const RECORDS_AT = 61;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const record = (value: string, key: string | null = null): BatchRecord => ({
  key: key === null ? null : text(key),
  value: text(value),
});

interface Shape {
  readonly base?: number;
  readonly attributes?: number;
  readonly producerId?: bigint;
}

/** A batch as it stands on a broker: the offset is the broker's, attributes as a foreign producer sets them. */
function stored(records: readonly BatchRecord[], { base = 0, attributes = 0, producerId = 7n }: Shape = {}): Buffer {
  const batch = Buffer.from(encodeBatch(records, { ...FOREIGN, producerId }, NOW));
  batch.writeBigInt64BE(BigInt(base), 0);
  batch.writeInt16BE(attributes, ATTRIBUTES_AT);
  return sealed(batch);
}

function sealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES_AT)), CRC_AT);
  return batch;
}

function compressed(batch: Buffer, codec: number, pack: (bytes: Buffer) => Buffer): Buffer {
  const packed = Buffer.concat([batch.subarray(0, RECORDS_AT), pack(batch.subarray(RECORDS_AT))]);
  packed.writeInt32BE(packed.length - 12, 8);
  packed.writeInt16BE(codec, ATTRIBUTES_AT);
  return sealed(packed);
}

const decode = (data: Buffer, from = 0) => decodeBatches(AT, data, from, []);
const valuesOf = ({ records }: ReturnType<typeof decode>) => records.map(({ value }) => Buffer.from(value).toString());

describe('a batch', () => {
  it('gives back what was put in, with offsets, key, time and place', () => {
    const batch = stored([record('a', 'k'), record('', null), record('c', '')], { base: 40 });
    expect(decode(batch, 40).records).toEqual([
      { ...AT, offset: 40, timestamp: NOW, key: 'k', value: Buffer.from('a') },
      { ...AT, offset: 41, timestamp: NOW, key: null, value: Buffer.from('') },
      { ...AT, offset: 42, timestamp: NOW, key: '', value: Buffer.from('c') },
    ]);
    expect(decode(batch, 40)).toMatchObject({ next: 43, failure: null });
  });

  it('gives back any records, and is never larger than reckoned with', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    const key = fc.option(fc.string({ unit: 'grapheme', maxLength: 20 }), { nil: null });
    fc.assert(
      fc.property(fc.array(fc.record({ key, value: bytes }), { minLength: 1, maxLength: 50 }), (wanted) => {
        const records = wanted.map(({ key, value }) => ({ key: key === null ? null : text(key), value }));
        const batch = stored(records);
        const weights = records.map(({ key, value }) => (key?.length ?? 0) + value.length + RECORD_OVERHEAD_BYTES);
        expect(batch.length).toBeLessThanOrEqual(weights.reduce((sum, weight) => sum + weight, BATCH_OVERHEAD_BYTES));
        const found = decode(batch).records.map(({ key, value }) => ({ key, value: [...value] }));
        expect(found).toEqual(wanted.map(({ key, value }) => ({ key, value: [...value] })));
      }),
    );
  });

  it('is read from the middle: what is before the position is left out', () => {
    expect(valuesOf(decode(stored([record('a'), record('b'), record('c')], { base: 10 }), 11))).toEqual(['b', 'c']);
  });

  it('may have lost records to compaction: reading goes on behind it', () => {
    const batch = stored([record('a'), record('b')], { base: 10 });
    batch.writeInt32BE(5, 23);
    expect(decode(sealed(batch), 10)).toMatchObject({ next: 16, failure: null });
  });

  it('cut anywhere is left for the next request, whole ones before it are taken', () => {
    const [first, second] = [stored([record('a')]), stored([record('b')], { base: 1 })];
    for (let cut = 0; cut < second.length; cut++) {
      const found = decode(Buffer.concat([first, second.subarray(0, cut)]));
      expect([valuesOf(found), found.next, found.failure]).toEqual([['a'], 1, null]);
    }
  });

  it('with one bit flipped is CORRUPT and named, never skipped; what is before it is given', () => {
    const [first, second] = [stored([record('good')]), stored([record('bad')], { base: 1 })];
    for (let at = CRC_AT; at < second.length; at++) {
      const flipped = Buffer.from(second);
      flipped[at] = flipped[at]! ^ 0x40;
      const found = decode(Buffer.concat([first, flipped]));
      expect(valuesOf(found)).toEqual(['good']);
      expect(found.next).toBe(1);
      expect(found.failure).toMatchObject({ code: 'CORRUPT', message: expect.stringContaining('crypto.trades:3:1') });
    }
  });
});

describe('a batch of another program', () => {
  it('compressed with gzip is read', () => {
    expect(valuesOf(decode(compressed(stored([record('a'), record('b')]), 1, (bytes) => gzipSync(bytes))))).toEqual([
      'a',
      'b',
    ]);
  });

  it.each([
    ['snappy', 2],
    ['lz4', 3],
    ['zstd', 4],
  ])('compressed with %s is refused with its place and its name', (name, codec) => {
    const { failure } = decode(
      compressed(stored([record('a')], { base: 9 }), codec, (bytes) => bytes),
      9,
    );
    expect(failure).toMatchObject({ code: 'INVALID' });
    expect(failure!.message).toContain('crypto.trades:3:9');
    expect(failure!.message).toContain(name);
  });

  it('stamped by the broker has the broker’s time', () => {
    const batch = stored([record('a')], { attributes: 0x08 });
    batch.writeBigInt64BE(BigInt(NOW) + 5n, 35);
    expect(decode(sealed(batch)).records[0]!.timestamp).toBe(NOW + 5);
  });

  it('in a transaction that was given up is left out, until its marker; others are not', () => {
    const abort: BatchRecord = { key: Uint8Array.of(0, 0, 0, 0), value: new Uint8Array(6) };
    const data = Buffer.concat([
      stored([record('lost')], { base: 0, attributes: TRANSACTIONAL }),
      stored([record('of another')], { base: 1, attributes: TRANSACTIONAL, producerId: 8n }),
      stored([abort], { base: 2, attributes: TRANSACTIONAL | CONTROL }),
      stored([record('of the next')], { base: 3, attributes: TRANSACTIONAL }),
    ]);
    const found = decodeBatches(AT, data, 0, [{ producerId: '7', firstOffset: 0 }]);
    expect([valuesOf(found), found.next]).toEqual([['of another', 'of the next'], 4]);
  });
});

describe('varints', () => {
  it('are as long as said, and read as written', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (value) => {
        const bytes = createByteWriter(5).varint(value).buffer;
        expect(bytes.length).toBe(varintSize(value));
        expect(createByteReader(bytes).varint()).toBe(value);
        expect(createByteReader(bytes).varlong()).toBe(value);
      }),
    );
  });

  it('that go on past the end are an error', () => {
    expect(() => createByteReader(Buffer.of(0x80)).varint()).toThrow(expect.objectContaining({ code: 'CORRUPT' }));
  });
});
