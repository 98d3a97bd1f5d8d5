/** What a codec is told of the record that carried a message, and what it answers. */
import { ValueError } from '../value/errors.js';
import type { Instant } from '../value/instant.js';
import { checkStructure } from './structure.js';

/** Where a record stands on the bus, and when the broker took it. */
export interface RecordMeta {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** The broker's wall time. */
  readonly timestamp: Instant;
}

/** A message that is not valid, with the reason in words. */
export interface DecodeError {
  readonly reason: string;
}

export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: DecodeError };

/** Largest message that is read. */
export const MESSAGE_BYTES_MAX = 64 * 1024;

export const refused = (reason: string): { ok: false; error: DecodeError } => ({ ok: false, error: { reason } });
export const accepted = <T>(value: T): { ok: true; value: T } => ({ ok: true, value });

const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/** Bytes to a JSON object of version 1; every refusal says what was expected. */
export function decodeObject(bytes: Uint8Array): Decoded<Record<string, unknown>> {
  if (bytes.length > MESSAGE_BYTES_MAX) {
    return refused(`expected at most ${MESSAGE_BYTES_MAX} bytes, found ${bytes.length}`);
  }
  let parsed: unknown;
  try {
    const text = decoder.decode(bytes);
    parsed = JSON.parse(text);
    checkStructure(text, parsed);
  } catch (error) {
    return refused(error instanceof ValueError ? error.message : `expected UTF-8 JSON: ${(error as Error).message}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return refused('expected a JSON object');
  const message = parsed as Record<string, unknown>;
  if (message['v'] !== undefined && message['v'] !== 1) return refused('v: expected 1');
  return accepted(message);
}

/** A JSON object as text, with its version first. Fields that are undefined are left out. */
export const messageText = (message: object): string => JSON.stringify({ v: 1, ...message });

/** The same as bytes. */
export const encodeObject = (message: object): Uint8Array => encoder.encode(messageText(message));
