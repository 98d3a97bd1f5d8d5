/**
 * ApiVersions (version 3): which Kafka a broker is. No call names its version; but a broker says up to which level of
 * the cluster's metadata it can go, and each release has levels of its own.
 */
import type { ByteReader } from './bytes.js';
import { createByteReader, createByteWriter } from './bytes.js';
import type { WireCall } from './wire.js';

const API_KEY = 18;
const VERSION = 3;
/** Of the optional part of the answer: features that the broker can go up to. */
const SUPPORTED_FEATURES = 0;
const METADATA_FEATURE = 'metadata.version';

/** First metadata level of each release. @see MetadataVersion in Apache Kafka */
const RELEASES: readonly (readonly [level: number, release: string])[] = [
  [1, '3.0'],
  [2, '3.1'],
  [4, '3.2'],
  [5, '3.3'],
  [8, '3.4'],
  [9, '3.5'],
  [12, '3.6'],
  [15, '3.7'],
  [20, '3.8'],
  [21, '3.9'],
  [22, '4.0'],
  [26, '4.1'],
  [28, '4.2 or newer'],
];

/** The release, such as `4.1`; null where the broker does not tell. */
export function versionCall(client: { readonly name: string; readonly version: string }): WireCall<string | null> {
  return {
    apiKey: API_KEY,
    apiVersion: VERSION,
    apiName: 'ApiVersions',
    encode: () => Promise.resolve(encode(client)),
    decode: (payload) => Promise.resolve(releaseOf(metadataLevel(createByteReader(payload)))),
  };
}

export const releaseOf = (level: number | null): string | null =>
  level === null ? null : (RELEASES.filter(([first]) => first <= level).at(-1)?.[1] ?? null);

/** Texts of one byte's length; the empty bytes end the head and the body, where optional parts would stand. */
function encode({ name, version }: { readonly name: string; readonly version: string }): Uint8Array {
  const texts = [name, version].map((text) => Buffer.from(text, 'latin1'));
  const out = createByteWriter(texts.reduce((sum, text) => sum + 1 + text.length, 2));
  out.int8(0);
  for (const text of texts) out.int8(text.length + 1).bytes(text);
  return out.int8(0).buffer;
}

/** The highest level that the broker supports; null where it says none, or does not know this call. */
function metadataLevel(reader: ByteReader): number | null {
  if (reader.int16() !== 0) return null;
  for (let count = unsigned(reader) - 1; count > 0; count--) {
    reader.bytes(6);
    skipOptional(reader);
  }
  reader.int32();
  for (let parts = unsigned(reader); parts > 0; parts--) {
    const tag = unsigned(reader);
    const part = createByteReader(reader.bytes(unsigned(reader)));
    if (tag === SUPPORTED_FEATURES) return levelIn(part);
  }
  return null;
}

function levelIn(reader: ByteReader): number | null {
  for (let count = unsigned(reader) - 1; count > 0; count--) {
    const name = reader.bytes(unsigned(reader) - 1).toString('latin1');
    reader.int16();
    const highest = reader.int16();
    skipOptional(reader);
    if (name === METADATA_FEATURE) return highest;
  }
  return null;
}

function skipOptional(reader: ByteReader): void {
  for (let parts = unsigned(reader); parts > 0; parts--) {
    unsigned(reader);
    reader.bytes(unsigned(reader));
  }
}

/** Seven bits a byte, the lowest first. */
function unsigned(reader: ByteReader): number {
  for (let value = 0, factor = 1; ; factor *= 128) {
    const byte = reader.int8() & 0xff;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
  }
}
