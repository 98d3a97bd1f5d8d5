/**
 * The scalars of the schema. In resolvers a Decimal is its exact text, in and out; a DateTime comes in as epoch
 * milliseconds and goes out from epoch milliseconds or a Date.
 */
import { formatDecimal, MONEY_DECIMALS, parseDecimal, ValueError } from '@kairos/schema';
import type { Instant } from '@kairos/schema';
import type { ValueNode } from 'graphql';
import { GraphQLError, GraphQLScalarType, Kind, print } from 'graphql';
import { BadInputError } from './errors.js';

const PLAIN_DECIMAL = /^(?!-0$)-?(0|[1-9]\d*)(\.\d*[1-9])?$/;
const ISO_INSTANT = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/;

/** A Decimal argument: at most 8 decimals. A number is taken at its shortest decimal text. */
export const Decimal = new GraphQLScalarType<string, string>({
  name: 'Decimal',
  description:
    'Exact decimal number as a string: plain notation, no exponent, no plus sign, no trailing zeros, zero is "0". ' +
    'Input takes a string or a number (a number is read at its shortest decimal text), at most 8 decimals.',
  serialize: writeDecimal,
  parseValue: readDecimal,
  parseLiteral: (node) => atNode(node, () => readDecimal(textOfNumber(node))),
});

/** A DateTime argument: ISO 8601 text with a time of day; without a zone it is UTC. */
export const DateTime = new GraphQLScalarType<Instant, string>({
  name: 'DateTime',
  description: 'ISO 8601 instant in UTC with milliseconds.',
  serialize: writeInstant,
  parseValue: readInstant,
  parseLiteral: (node) => atNode(node, () => readInstant(node.kind === Kind.STRING ? node.value : print(node))),
});

function writeDecimal(value: unknown): string {
  if (typeof value === 'string' && PLAIN_DECIMAL.test(value)) return value;
  throw new ValueError('a decimal in plain notation', value);
}

function readDecimal(input: unknown): string {
  try {
    return formatDecimal(parseDecimal(input, MONEY_DECIMALS), MONEY_DECIMALS);
  } catch (error) {
    if (error instanceof ValueError) throw new BadInputError(error.message);
    throw error;
  }
}

function textOfNumber(node: ValueNode): unknown {
  const isNumber = node.kind === Kind.STRING || node.kind === Kind.INT || node.kind === Kind.FLOAT;
  return isNumber ? node.value : print(node);
}

/** What `read` makes of a literal; its refusal says where in the document that stands. */
function atNode<T>(node: ValueNode, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof BadInputError) throw new GraphQLError(error.message, { nodes: node });
    throw error;
  }
}

function writeInstant(value: unknown): string {
  const time = value instanceof Date ? value.getTime() : value;
  if (typeof time === 'number' && Number.isFinite(time)) return new Date(time).toISOString();
  throw new ValueError('an instant as epoch milliseconds', value);
}

function readInstant(input: unknown): Instant {
  const match = typeof input === 'string' ? ISO_INSTANT.exec(input) : null;
  const [text = '', day = '', , , zone] = match ?? [];
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const isRealDay = !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
  const time = isRealDay ? Date.parse(zone === undefined ? `${text}Z` : text) : NaN;
  if (Number.isNaN(time)) {
    throw new BadInputError(new ValueError('a time as ISO 8601, such as 2024-01-31T12:00:00.000Z', input).message);
  }
  return time as Instant;
}
