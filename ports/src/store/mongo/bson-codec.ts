/**
 * Documents of the trading types, made from the same tables of fields as their JSON: decimals are Decimal128, times are
 * Dates, maps are lists of `{k, v}` (their keys may be anything). What is read is equal to what was written, to the bit.
 */
import type { FieldCodec, FieldForm, FieldKind, FieldParts, JsonCodec } from '@kairos/schema';
import { AMOUNT_DECIMALS, MONEY_DECIMALS, PRICE_DECIMALS, RATE_DECIMALS, remembered, ValueError } from '@kairos/schema';
import { PortError } from '../../errors.js';
import { fromDecimal128, toDecimal128 } from './decimal128.js';

/** What stands in a document. */
export interface BsonCodec<T> {
  /** @throws PortError INVALID when the value has no form in MongoDB. */
  write(value: T): unknown;
  /** @throws ValueError that names the field. */
  read(input: unknown): T;
  /** Names of BSON types, as $jsonSchema knows them. */
  readonly types: readonly string[];
}

/** An object as a document. */
export interface DocumentCodec<T> extends BsonCodec<T> {
  write(value: T): Record<string, unknown>;
  readonly fields: Readonly<Record<string, BsonCodec<unknown>>>;
}

const NUMBER_TYPES = ['int', 'long', 'double'];

const decimal = (scale: number): BsonCodec<bigint> => ({
  write: (units) => toDecimal128(units, scale),
  read: (input) => fromDecimal128(input, scale),
  types: ['decimal'],
});

/** The last time that a Date can hold. */
const DATE_MAX = 8_640_000_000_000_000;

/** The Date of a time in a filter; times that no Date holds are beyond every time that is stored. */
export const dateOf = (time: number): Date => new Date(Math.max(-DATE_MAX, Math.min(DATE_MAX, time)));

export const instantBson: BsonCodec<number> = {
  write(time) {
    if (!Number.isInteger(time) || Math.abs(time) > DATE_MAX) {
      throw new PortError('INVALID', `expected a time that a Date holds, found ${time}`);
    }
    return new Date(time);
  },
  read(input) {
    if (!(input instanceof Date) || Number.isNaN(input.getTime())) throw new ValueError('a Date', input);
    return input.getTime();
  },
  types: ['date'],
};

/** Whether a text is UTF-8 when it is written: half of a surrogate pair is not. */
const isWellFormed = (text: string): boolean => (text as string & { isWellFormed(): boolean }).isWellFormed();

/** A text that is no UTF-8 is kept as its JSON, which spells it out. */
export const textBson: BsonCodec<string> = {
  write: (text) => (isWellFormed(text) ? text : { json: JSON.stringify(text) }),
  read(input) {
    if (typeof input === 'string') return input;
    const { json } = (input ?? {}) as { json?: unknown };
    const text: unknown = typeof json === 'string' ? JSON.parse(json) : undefined;
    if (typeof text !== 'string') throw new ValueError('text', input);
    return text;
  },
  types: ['string', 'object'],
};

const asIs = <T>(type: string, types: readonly string[]): BsonCodec<T> => ({
  write: (value) => value,
  read(input) {
    if (typeof input !== type) throw new ValueError(`a ${type}`, input);
    return input as T;
  },
  types,
});

export const numberBson = asIs<number>('number', NUMBER_TYPES);
export const booleanBson = asIs<boolean>('boolean', ['bool']);

const KINDS: Record<FieldKind, BsonCodec<never>> = {
  money: decimal(MONEY_DECIMALS),
  amount: decimal(AMOUNT_DECIMALS),
  price: decimal(PRICE_DECIMALS),
  rate: decimal(RATE_DECIMALS),
  instant: instantBson,
  text: textBson,
  number: numberBson,
  boolean: booleanBson,
} as Record<FieldKind, BsonCodec<never>>;

/** The document form of an object with a JSON codec. */
export const documentCodec = <T>(name: string, { parts }: Pick<JsonCodec<T>, 'parts'>): DocumentCodec<T> => {
  if (!parts || !('fields' in parts)) throw new ValueError(`a codec that names the fields of ${name}`, parts);
  return objectOf<T>(name, parts.fields);
};

/** The same for a value that may be null. */
export const nullableBson = <T>(codec: BsonCodec<T>): BsonCodec<T | null> => ({
  write: (value) => (value === null ? null : codec.write(value)),
  read: (input) => (input === null || input === undefined ? null : codec.read(input)),
  types: [...codec.types, 'null'],
});

export const listBson = <T>(item: BsonCodec<T>): BsonCodec<readonly T[]> => ({
  write: (values) => values.map((value) => item.write(value)),
  read(input) {
    if (!Array.isArray(input)) throw new ValueError('a list', input);
    return input.map((value) => item.read(value));
  },
  types: ['array'],
});

const mapBson = <T>(item: BsonCodec<T>): BsonCodec<Readonly<Record<string, T>>> => ({
  write: (values) =>
    Object.keys(values)
      .sort()
      .map((key) => ({ k: textBson.write(key), v: item.write(values[key]!) })),
  read(input) {
    if (!Array.isArray(input)) throw new ValueError('a list of keys and values', input);
    return Object.fromEntries(
      input.map((pair: { k?: unknown; v?: unknown }) => [textBson.read(pair.k), item.read(pair.v)]),
    );
  },
  types: ['array'],
});

function formOf(name: string, form: FieldForm): BsonCodec<unknown> {
  if (typeof form !== 'string') return partOf(name, form);
  if (!form.endsWith('?')) return KINDS[form as FieldKind] as BsonCodec<unknown>;
  return nullableBson(KINDS[form.slice(0, -1) as FieldKind] as BsonCodec<unknown>);
}

const ANY_TYPE = ['string', 'bool', 'null', 'object', 'array', ...NUMBER_TYPES];

function partOf(name: string, codec: FieldCodec): BsonCodec<unknown> {
  const parts: FieldParts | undefined = codec.parts;
  if (!parts) return { write: (value) => codec.write(value as never), read: codec.read, types: ANY_TYPE };
  if ('fields' in parts)
    return parts.isRepeated ? repeated(objectOf(name, parts.fields)) : objectOf(name, parts.fields);
  if ('nullable' in parts) return nullableBson(partOf(name, parts.nullable));
  if ('list' in parts) return listBson(partOf(name, parts.list)) as BsonCodec<unknown>;
  return mapBson(KINDS[parts.map] as BsonCodec<unknown>) as BsonCodec<unknown>;
}

/** The same for an object that is written time and again: its document is made once. */
const repeated = <T extends object>(codec: DocumentCodec<T>): DocumentCodec<T> => ({
  ...codec,
  write: remembered((value: T) => Object.freeze(codec.write(value))),
});

function objectOf<T>(name: string, forms: Readonly<Record<string, FieldForm>>): DocumentCodec<T> {
  const fields = Object.fromEntries(
    Object.entries(forms).map(([field, form]) => [field, formOf(`${name}.${field}`, form)]),
  );
  const entries = Object.entries(fields);
  return {
    fields,
    types: ['object'],
    write(value) {
      const document: Record<string, unknown> = {};
      for (const [field, codec] of entries) document[field] = codec.write((value as Record<string, unknown>)[field]);
      return document;
    },
    read(input) {
      if (typeof input !== 'object' || input === null) throw new ValueError(`a ${name}`, input);
      const object: Record<string, unknown> = {};
      for (const [field, codec] of entries) object[field] = readField(codec, `${name}.${field}`, input, field);
      return object as T;
    },
  };
}

function readField(codec: BsonCodec<unknown>, name: string, input: object, field: string): unknown {
  try {
    return codec.read((input as Record<string, unknown>)[field]);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new ValueError(
      error.expected.includes(' as ') ? error.expected : `${error.expected} as ${name}`,
      error.found,
    );
  }
}
