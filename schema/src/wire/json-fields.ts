/** JSON of the trading types, field by field: one table says how each field is written and read. */
import {
  formatAmount,
  formatMoney,
  formatPrice,
  formatRate,
  parseAmount,
  parseDecimal,
  parseMoney,
  parseRate,
  PRICE_DECIMALS,
} from '../value/decimal.js';
import { ValueError } from '../value/errors.js';
import { parseInstant } from '../value/instant.js';
import { parseBoolean } from './scalar.js';

/** How a field is written: decimals as text, instants as epoch milliseconds, everything else as it is. */
export type FieldKind = 'money' | 'amount' | 'price' | 'rate' | 'instant' | 'text' | 'number' | 'boolean';

/** How one field is written and read; one that may be null ends in `?`. */
export type FieldForm = FieldKind | `${FieldKind}?` | FieldCodec;
export type FieldTable<T> = { readonly [K in keyof T]-?: FieldForm };

/** What a nested value is made of, for who keeps it in another form than JSON. */
export type FieldParts =
  | {
      readonly fields: Readonly<Record<string, FieldForm>>;
      /** The same object is written time and again, so it pays to keep what it is written as. */
      readonly isRepeated?: boolean;
    }
  | { readonly nullable: FieldCodec }
  | { readonly list: FieldCodec }
  | { readonly map: FieldKind };

/** How a nested value is written and read. */
export interface FieldCodec {
  write(value: never): unknown;
  read(input: unknown): unknown;
  /** Left out: text, or JSON that stays as it is in every form. */
  readonly parts?: FieldParts;
}

interface KindCodec {
  write(value: unknown): unknown;
  read(input: unknown): unknown;
}

const asIs = (value: unknown): unknown => value;

const KINDS: Record<FieldKind, KindCodec> = {
  money: { write: (value) => formatMoney(value as never), read: parseMoney },
  amount: { write: (value) => formatAmount(value as never), read: parseAmount },
  price: { write: (value) => formatPrice(value as never), read: (input) => parseDecimal(input, PRICE_DECIMALS) },
  rate: { write: (value) => formatRate(value as never), read: parseRate },
  instant: { write: asIs, read: parseInstant },
  text: { write: asIs, read: readText },
  number: { write: asIs, read: readNumber },
  boolean: { write: asIs, read: parseBoolean },
};

/** Writes and reads objects of one type. `read` throws ValueError that names the field. */
export interface JsonCodec<T> {
  write(value: T): Record<string, unknown>;
  read(input: unknown): T;
  readonly parts?: FieldParts;
}

/** A codec from a table of fields. */
export function jsonCodec<T extends object>(name: string, table: FieldTable<T>): JsonCodec<T> {
  const fields = Object.entries(table).map(([field, kind]) => ({ field, codec: codecOf(kind as string | FieldCodec) }));
  return {
    parts: { fields: table },
    write(value) {
      const object: Record<string, unknown> = {};
      for (const { field, codec } of fields) object[field] = codec.write((value as Record<string, unknown>)[field]);
      return object;
    },
    read(input) {
      if (typeof input !== 'object' || input === null) throw new ValueError(`a ${name}`, input);
      const object: Record<string, unknown> = {};
      for (const { field, codec } of fields) object[field] = readField(name, field, codec, input as never);
      return object as T;
    },
  };
}

/** The same codec for a value that may be null. */
export const nullable = <T>(codec: JsonCodec<T>): JsonCodec<T | null> => ({
  parts: { nullable: codec },
  write: (value) => (value === null ? null : codec.write(value)) as Record<string, unknown>,
  read: (input) => (input === null || input === undefined ? null : codec.read(input)),
});

function codecOf(kind: string | FieldCodec): KindCodec {
  if (typeof kind !== 'string') return kind as unknown as KindCodec;
  if (!kind.endsWith('?')) return KINDS[kind as FieldKind];
  const codec = KINDS[kind.slice(0, -1) as FieldKind];
  return {
    write: (value) => (value === null ? null : codec.write(value)),
    read: (input) => (input === null || input === undefined ? null : codec.read(input)),
  };
}

function readField(name: string, field: string, codec: KindCodec, input: Record<string, unknown>): unknown {
  try {
    return codec.read(input[field]);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new ValueError(`${error.expected} as ${name}.${field}`, error.found);
  }
}

function readText(input: unknown): string {
  if (typeof input !== 'string') throw new ValueError('text', input);
  return input;
}

function readNumber(input: unknown): number {
  if (typeof input !== 'number' || !Number.isFinite(input)) throw new ValueError('a finite number', input);
  return input;
}
