/**
 * Journal entries as bytes: UTF-8 JSON, decimals as text. The same entry always gives the same bytes, whatever the
 * order in which its maps were filled: a repeated append is recognised by them.
 */
import type { DeadLetter } from '@kairos/schema';
import {
  eventCodec,
  jsonCodec,
  listOf,
  mapOf,
  markCodec,
  notesCodec,
  priceBookCodec,
  signalMarkCodec,
  ValueError,
} from '@kairos/schema';
import type { JournalEntry } from './journal.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

const position = mapOf<number>({
  kind: 'number',
  write: (value) => value,
  read(input) {
    if (!Number.isSafeInteger(input)) throw new ValueError('an offset', input);
    return input as number;
  },
});

const deadLetterCodec = jsonCodec<DeadLetter>('dead letter', {
  topic: 'text',
  partition: 'number',
  offset: 'number',
  key: 'text?',
  value: 'text',
  reason: 'text',
  time: 'instant',
});

export const entryCodec = jsonCodec<JournalEntry>('journal entry', {
  shard: 'number',
  entry: 'number',
  epoch: 'number',
  owner: 'text',
  worldTime: 'instant?',
  committedAt: 'instant',
  positions: position,
  events: listOf(eventCodec),
  prices: listOf(priceBookCodec),
  marks: listOf(markCodec),
  signals: listOf(signalMarkCodec),
  deadLetters: listOf(deadLetterCodec),
  notes: notesCodec,
  publishedThrough: 'number',
});

export const encodeEntry = (entry: JournalEntry): Uint8Array => encoder.encode(JSON.stringify(entryCodec.write(entry)));

/** @throws ValueError or SyntaxError when the bytes are not an entry. */
export const decodeEntry = (bytes: Uint8Array): JournalEntry => entryCodec.read(JSON.parse(decoder.decode(bytes)));
