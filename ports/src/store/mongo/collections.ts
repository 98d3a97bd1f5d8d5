/** What stands in a collection: its name, the types of its fields, and its indexes. */
import type { IndexDescription } from 'mongodb';
import type { BsonCodec } from './bson-codec.js';

export interface CollectionSpec {
  readonly name: string;
  /** Fields that every document has, with their types: the collection's validator. */
  readonly fields: Readonly<Record<string, Pick<BsonCodec<unknown>, 'types'>>>;
  readonly indexes: readonly IndexSpec[];
}

export type IndexSpec = IndexDescription & { readonly name: string };

/** A document is refused where a field is missing or of another type: what is inside of lists and objects is free. */
export function validatorOf({ fields }: CollectionSpec): object {
  const names = Object.keys(fields);
  const properties = Object.fromEntries(names.map((name) => [name, { bsonType: [...fields[name]!.types] }]));
  return { $jsonSchema: { bsonType: 'object', required: names, properties } };
}

export const TEXT = { types: ['string', 'object'] };
export const NUMBER = { types: ['int', 'long', 'double'] };
export const DATE = { types: ['date'] };
export const DATE_OR_NULL = { types: ['date', 'null'] };
export const OBJECT = { types: ['object'] };
export const LIST = { types: ['array'] };
export const BINARY = { types: ['binData'] };
