/** JSON codecs of what a journal entry says beside its events, and of lists and maps. */
import type { AccountMark, LockStepRound, SignalMark, WorldNotes } from '../event/marks.js';
import type { Price } from '../value/decimal.js';
import { formatPrice, parsePrice } from '../value/decimal.js';
import { ValueError } from '../value/errors.js';
import type { Instant } from '../value/instant.js';
import { parseInstant } from '../value/instant.js';
import type { FieldCodec } from './json-fields.js';
import { jsonCodec, nullable } from './json-fields.js';

/** A list of values that have a codec. */
export const listOf = (item: { write(value: never): unknown; read(input: unknown): unknown }): FieldCodec => ({
  write: (values: readonly never[]) => values.map((value) => item.write(value)),
  read(input) {
    if (!Array.isArray(input)) throw new ValueError('a list', input);
    return input.map((value) => item.read(value));
  },
});

/** A map by text, written in the order of its keys. */
export const mapOf = <T>(write: (value: T) => unknown, read: (input: unknown) => T): FieldCodec => ({
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

export const textCodec: FieldCodec = {
  write: (value) => value,
  read(input) {
    if (typeof input !== 'string') throw new ValueError('text', input);
    return input;
  },
};

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

export const signalMarkCodec = jsonCodec<SignalMark>('signal mark', { id: 'text', time: 'instant', content: 'text' });

const roundCodec = jsonCodec<LockStepRound>('round', {
  closeAt: 'instant',
  isComplete: 'boolean',
  awaiting: listOf(textCodec),
});

export const notesCodec = jsonCodec<WorldNotes>('notes', {
  hasPredictor: 'boolean',
  firstSignalWaitEndedAt: 'instant?',
  feedEndedAt: 'instant?',
  round: nullable(roundCodec),
});
