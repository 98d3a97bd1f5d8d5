/**
 * Journal entries as bytes: UTF-8 JSON, decimals as text. The same entry always gives the same bytes, whatever the
 * order in which its maps were filled: a repeated append is recognised by them.
 */
import type { DeadLetter, Instant, Price } from '@kairos/schema';
import {
  eventCodec,
  type FieldCodec,
  formatPrice,
  jsonCodec,
  nullable,
  parseInstant,
  parsePrice,
  priceBookCodec,
  ValueError,
} from '@kairos/schema';
import type { AccountMark, JournalEntry, LockStepRound, SignalMark, WorldNotes } from './journal.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** A list of values that have a codec. */
export const listOf = (item: { write(value: never): unknown; read(input: unknown): unknown }): FieldCodec => ({
  write: (values: readonly never[]) => values.map((value) => item.write(value)),
  read(input) {
    if (!Array.isArray(input)) throw new ValueError('a list', input);
    return input.map((value) => item.read(value));
  },
});

/** A map by text, written in the order of its keys. */
const mapOf = <T>(write: (value: T) => unknown, read: (input: unknown) => T): FieldCodec => ({
  write: (values: Readonly<Record<string, T>>) =>
    Object.fromEntries(
      Object.keys(values)
        .sort()
        .map((key) => [key, write(values[key]!)]),
    ),
  read(input) {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) throw new ValueError('a map', input);
    return Object.fromEntries(Object.entries(input).map(([key, value]) => [key, read(value)]));
  },
});

const text: FieldCodec = {
  write: (value) => value,
  read(input) {
    if (typeof input !== 'string') throw new ValueError('text', input);
    return input;
  },
};

const position = mapOf<number>(
  (value) => value,
  (input) => {
    if (!Number.isSafeInteger(input)) throw new ValueError('an offset', input);
    return input as number;
  },
);

export const markCodec = jsonCodec<AccountMark>('account mark', {
  accountId: 'text',
  dayStart: 'instant',
  dayOpeningEquity: 'money',
  dayRealizedPnl: 'money',
  peakEquity: 'money',
  maxDrawdown: 'money',
  maxDrawdownPercent: 'number',
  openedByCommandAt: 'instant',
  resumedByCommandAt: 'instant?',
  peakPrices: mapOf<Price>(formatPrice, parsePrice),
  lastLossAt: mapOf<Instant>((at) => at, parseInstant),
});

const signalMarkCodec = jsonCodec<SignalMark>('signal mark', { id: 'text', time: 'instant', content: 'text' });

const deadLetterCodec = jsonCodec<DeadLetter>('dead letter', {
  topic: 'text',
  partition: 'number',
  offset: 'number',
  key: 'text?',
  value: 'text',
  reason: 'text',
  time: 'instant',
});

const roundCodec = jsonCodec<LockStepRound>('round', {
  closeAt: 'instant',
  isComplete: 'boolean',
  awaiting: listOf(text),
});

export const notesCodec = jsonCodec<WorldNotes>('notes', {
  hasPredictor: 'boolean',
  firstSignalWaitEndedAt: 'instant?',
  feedEndedAt: 'instant?',
  round: nullable(roundCodec),
});

const entryCodec = jsonCodec<JournalEntry>('journal entry', {
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
