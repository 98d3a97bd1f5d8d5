/** Zod readers for the values of the wire: each turns a refusal of `value/` into an issue of its field. */
import { z } from 'zod';
import { parseInterval } from '../market/interval.js';
import { parseSymbol } from '../market/symbol.js';
import type { Amount } from '../value/decimal.js';
import { AMOUNT_DECIMALS, parseDecimal, parseMoney, parsePrice } from '../value/decimal.js';
import { ValueError } from '../value/errors.js';
import { parseId } from '../value/id.js';
import { parseInstant } from '../value/instant.js';
import type { Decoded } from './record.js';
import { accepted, refused } from './record.js';

/** A reader of one field from a function that throws ValueError. */
export function field<T>(parse: (input: unknown) => T) {
  return z.transform((input: unknown, context): T => {
    try {
      return parse(input);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });
}

/** The same, where a field that is missing or null reads as `fallback`. */
export const optional = <T, F>(parse: (input: unknown) => T, fallback: F) =>
  field((input): T | F => (input === undefined || input === null ? fallback : parse(input)));

/** One of a list of words. @throws ValueError */
export function oneOf<const T extends string>(words: readonly T[]) {
  return (input: unknown): T => {
    const word = words.find((candidate) => candidate === input);
    if (word === undefined) throw new ValueError(`one of ${words.join(' ')}`, input);
    return word;
  };
}

/** A finite number within bounds. @throws ValueError */
export function numberWithin(min: number, max: number) {
  return (input: unknown): number => {
    if (typeof input !== 'number' || !(input >= min && input <= max)) {
      throw new ValueError(`a number from ${min} to ${max}`, input);
    }
    return input;
  };
}

/** Text of at most `lengthMax` characters. @throws ValueError */
export function textUpTo(lengthMax: number) {
  return (input: unknown): string => {
    if (typeof input !== 'string' || input.length > lengthMax) {
      throw new ValueError(`text of at most ${lengthMax} characters`, input);
    }
    return input;
  };
}

/** Text that only people read: what is beyond `lengthMax` characters is cut, as it is no reason to refuse a message. */
export function textCutAt(lengthMax: number) {
  return (input: unknown): string => {
    if (typeof input !== 'string') throw new ValueError('text', input);
    return input.slice(0, lengthMax);
  };
}

/** @throws ValueError */
export function parseBoolean(input: unknown): boolean {
  if (typeof input !== 'boolean') throw new ValueError('true or false', input);
  return input;
}

/** A traded amount, 0 or more; more than 8 decimals are rounded half-even. @throws ValueError */
export function parseVolume(input: unknown): Amount {
  const volume = parseDecimal(input, AMOUNT_DECIMALS, 'halfEven') as Amount;
  if (volume < 0n) throw new ValueError('a volume of 0 or more', input);
  return volume;
}

export const priceField = field(parsePrice);
export const moneyField = field(parseMoney);
export const instantField = field(parseInstant);
export const symbolField = field(parseSymbol);
export const intervalField = field(parseInterval);
export const idField = field(parseId);

/** Checks a message against its shape; all wrong fields are named together. */
export function readShape<T extends z.ZodType>(shape: T, message: unknown): Decoded<z.output<T>> {
  const result = shape.safeParse(message);
  if (result.success) return accepted(result.data);
  return refused(result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}
