/** Codec of `crypto.dead_letter`: messages that are not valid, for people. */
import { z } from 'zod';
import { recordId } from '../value/id.js';
import type { Instant } from '../value/instant.js';
import type { Decoded, RecordMeta } from './record.js';
import { decodeObject, encodeObject } from './record.js';
import { field, instantField, numberWithin, optional, readShape, textUpTo } from './scalar.js';

export interface DeadLetter {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Cut at 200 characters. */
  readonly key: string | null;
  /** The message as text, cut at 8 KiB. */
  readonly value: string;
  readonly reason: string;
  /** Wall time. */
  readonly time: Instant;
}

export const DEAD_LETTER_VALUE_BYTES_MAX = 8 * 1024;
/** Longest key that is repeated: with it a dead letter is never larger than a message may be. */
const KEY_LENGTH_MAX = 200;
const REASON_LENGTH_MAX = 2_000;

const lenient = new TextDecoder('utf-8');

/** The dead letter of a record. */
export function deadLetterOf(
  record: RecordMeta & { readonly key: string | null; readonly value: Uint8Array },
  reason: string,
  time: Instant,
): DeadLetter {
  return {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    key: record.key?.slice(0, KEY_LENGTH_MAX) ?? null,
    value: lenient.decode(record.value.subarray(0, DEAD_LETTER_VALUE_BYTES_MAX)),
    reason: reason.slice(0, REASON_LENGTH_MAX),
    time,
  };
}

/** The record key of a dead letter: where the bad message stands. */
export const deadLetterKey = (letter: DeadLetter): string => recordId(letter.topic, letter.partition, letter.offset);

export const encodeDeadLetter = (letter: DeadLetter): Uint8Array => encodeObject(letter);

const shape = z.object({
  topic: field(textUpTo(200)),
  partition: field(numberWithin(0, Number.MAX_SAFE_INTEGER)),
  offset: field(numberWithin(0, Number.MAX_SAFE_INTEGER)),
  key: optional(textUpTo(KEY_LENGTH_MAX), null),
  value: field(textUpTo(DEAD_LETTER_VALUE_BYTES_MAX)),
  reason: field(textUpTo(REASON_LENGTH_MAX)),
  time: instantField,
});

export function decodeDeadLetter(bytes: Uint8Array): Decoded<DeadLetter> {
  const object = decodeObject(bytes);
  return object.ok ? readShape(shape, object.value) : object;
}
