/** JSON codecs of what a journal entry says beside its events, and of lists and maps. */
import type { AccountMark, Closing, LockStepRound, PartialInput, SignalMark, WorldNotes } from '../event/marks.js';
import { PARTIAL_KINDS } from '../event/marks.js';
import { EXIT_REASONS } from '../trading/trade.js';
import type { Price } from '../value/decimal.js';
import { formatPrice, parsePrice } from '../value/decimal.js';
import { ValueError } from '../value/errors.js';
import type { Instant } from '../value/instant.js';
import { parseInstant } from '../value/instant.js';
import type { FieldCodec, FieldKind } from './json-fields.js';
import { jsonCodec, nullable } from './json-fields.js';
import { oneOf } from './scalar.js';

/** A list of values that have a codec. */
export const listOf = (item: FieldCodec): FieldCodec => ({
  parts: { list: item },
  write: (values: readonly never[]) => values.map((value) => item.write(value)),
  read(input) {
    if (!Array.isArray(input)) throw new ValueError('a list', input);
    return input.map((value) => item.read(value));
  },
});

/** How the values of a map are written and read, and what kind they are. */
export interface MapValues<T> {
  readonly kind: FieldKind;
  write(value: T): unknown;
  read(input: unknown): T;
}

/** A map by text, written in the order of its keys. */
export const mapOf = <T>({ kind, write, read }: MapValues<T>): FieldCodec => ({
  parts: { map: kind },
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

/** What was stored before a field was known reads as its value of then. */
const orElse = (codec: FieldCodec, before: unknown): FieldCodec => ({
  ...(codec.parts && { parts: codec.parts }),
  write: (value) => codec.write(value),
  read: (input) => (input === undefined ? before : codec.read(input)),
});

const closingCodec = jsonCodec<Closing>('closing', {
  tradeId: 'text',
  reason: { write: (value) => value, read: oneOf(EXIT_REASONS) },
  commandId: 'text?',
  attempts: 'number',
  nextAt: 'instant',
});

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
  stoppedByCommandAt: 'instant?',
  peakPrices: mapOf<Price>({ kind: 'price', write: formatPrice, read: parsePrice }),
  lastLossAt: mapOf<Instant>({ kind: 'instant', write: (at) => at, read: parseInstant }),
  stopCommands: orElse(listOf(textCodec), []),
  closings: orElse(listOf(closingCodec), []),
});

export const signalMarkCodec = jsonCodec<SignalMark>('signal mark', { id: 'text', time: 'instant', content: 'text' });

const roundCodec = jsonCodec<LockStepRound>('round', {
  closeAt: 'instant',
  isComplete: 'boolean',
  awaiting: listOf(textCodec),
});

const partialCodec = jsonCodec<PartialInput>('partial input', {
  kind: { write: (value) => value, read: oneOf(PARTIAL_KINDS) },
  id: 'text',
  next: 'number',
  end: 'number',
});

export const notesCodec = jsonCodec<WorldNotes>('notes', {
  hasPredictor: 'boolean',
  firstSignalWaitEndedAt: 'instant?',
  feedEndedAt: 'instant?',
  round: nullable(roundCodec),
  partial: orElse(listOf(partialCodec), []),
});
