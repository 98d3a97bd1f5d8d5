/** Reading and writing Kafka's primitive types: big-endian numbers, texts with their length, zigzag varints. */
import { PortError } from '../../errors.js';

/** Reads on from a place in bytes; reading past the end throws PortError CORRUPT. */
export interface ByteReader {
  readonly left: number;
  int8(): number;
  int16(): number;
  int32(): number;
  uint32(): number;
  /** Exact up to 2^53, as offsets and times are. */
  int64(): number;
  /** Producer ids use all 64 bits. */
  int64Text(): string;
  varint(): number;
  varlong(): number;
  bytes(length: number): Buffer;
  text(): string;
}

export function createByteReader(buffer: Buffer): ByteReader {
  let at = 0;

  /** The place of the next `length` bytes, which are read with it. */
  const take = (length: number): number => {
    if (length < 0 || at + length > buffer.length) throw tooShort(length, buffer.length - at);
    at += length;
    return at - length;
  };
  const varlong = (): number => {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = buffer[take(1)]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
      factor *= 128;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };

  return {
    get left() {
      return buffer.length - at;
    },
    int8: () => buffer.readInt8(take(1)),
    int16: () => buffer.readInt16BE(take(2)),
    int32: () => buffer.readInt32BE(take(4)),
    uint32: () => buffer.readUInt32BE(take(4)),
    int64: () => Number(buffer.readBigInt64BE(take(8))),
    int64Text: () => buffer.readBigInt64BE(take(8)).toString(),
    varint: () => {
      const first = buffer[at] ?? 0x80;
      if (first >= 0x80) return varlong();
      at += 1;
      return (first >>> 1) ^ -(first & 1);
    },
    varlong,
    bytes(length) {
      const from = take(length);
      return buffer.subarray(from, from + length);
    },
    text() {
      const length = buffer.readInt16BE(take(2));
      const from = take(length);
      return buffer.toString('utf8', from, from + length);
    },
  };
}

const tooShort = (wanted: number, left: number): PortError =>
  new PortError('CORRUPT', `expected ${wanted} more bytes, found ${left}`);

/** Writes into a buffer of a size known before. */
export interface ByteWriter {
  int8(value: number): ByteWriter;
  int16(value: number): ByteWriter;
  int32(value: number): ByteWriter;
  uint32(value: number): ByteWriter;
  int64(value: number | bigint): ByteWriter;
  varint(value: number): ByteWriter;
  bytes(value: Uint8Array): ByteWriter;
  text(value: string | null): ByteWriter;
  /** Places written to so far. */
  readonly at: number;
  readonly buffer: Buffer;
}

export function createByteWriter(size: number): ByteWriter {
  const buffer = Buffer.allocUnsafe(size);
  let at = 0;

  const writer: ByteWriter = {
    get at() {
      return at;
    },
    get buffer() {
      return buffer.subarray(0, at);
    },
    int8(value) {
      at = buffer.writeInt8(value, at);
      return writer;
    },
    int16(value) {
      at = buffer.writeInt16BE(value, at);
      return writer;
    },
    int32(value) {
      at = buffer.writeInt32BE(value, at);
      return writer;
    },
    uint32(value) {
      at = buffer.writeUInt32BE(value, at);
      return writer;
    },
    int64(value) {
      at = buffer.writeBigInt64BE(BigInt(value), at);
      return writer;
    },
    varint(value) {
      let rest = ((value << 1) ^ (value >> 31)) >>> 0;
      for (; rest >= 0x80; rest >>>= 7) buffer[at++] = (rest & 0x7f) | 0x80;
      buffer[at++] = rest;
      return writer;
    },
    bytes(value) {
      buffer.set(value, at);
      at += value.length;
      return writer;
    },
    text(value) {
      if (value === null) return writer.int16(-1);
      const bytes = Buffer.from(value, 'utf8');
      return writer.int16(bytes.length).bytes(bytes);
    },
  };
  return writer;
}

/** Bytes that a varint takes. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = ((value << 1) ^ (value >> 31)) >>> 0; rest >= 0x80; rest >>>= 7) size += 1;
  return size;
}

/** Bytes that a text with its length takes. */
export const textSize = (value: string | null): number => 2 + (value === null ? 0 : Buffer.byteLength(value, 'utf8'));
