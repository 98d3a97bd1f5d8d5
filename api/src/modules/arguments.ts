/** Checks of arguments that several subjects share. An argument of null counts as left out. */
import { PortError } from '@kairos/ports';
import { PAGE_SIZE_MAX, parseInterval, parseSymbol, SYMBOLS_MAX, ValueError } from '@kairos/schema';
import type { Interval } from '@kairos/schema';
import { BadInputError } from '../graphql/errors.js';

export type Optional<T> = T | null | undefined;

type Given<T> = { [K in keyof T]?: Exclude<T[K], null | undefined> };

/** The values that are neither null nor left out. */
export function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
  ) as Given<T>;
}

/** A whole number within bounds; `fallback` where it was left out. @throws BadInputError */
export function wholeWithin(
  name: string,
  value: Optional<number>,
  {
    min = 1,
    max = PAGE_SIZE_MAX,
    fallback,
  }: { readonly min?: number; readonly max?: number; readonly fallback: number },
): number {
  const number = value ?? fallback;
  if (!Number.isInteger(number) || number < min || number > max) {
    throw new BadInputError(`${name}: expected a whole number from ${min} to ${max}, found ${number}.`);
  }
  return number;
}

/** @throws BadInputError */
export const symbolOf = (value: string): string => asInput('symbol', () => parseSymbol(value));

/** Symbols without repeats; undefined where they were left out. @throws BadInputError */
export function symbolsOf(values: Optional<readonly string[]>): readonly string[] | undefined {
  if (!values) return undefined;
  if (values.length > SYMBOLS_MAX) {
    throw new BadInputError(`symbols: expected at most ${SYMBOLS_MAX}, found ${values.length}.`);
  }
  return [...new Set(values)].map((value) => asInput('symbols', () => parseSymbol(value)));
}

/** @throws BadInputError */
export const intervalOf = (value: string): Interval => asInput('interval', () => parseInterval(value));

/** What a reader of `schema` says of an argument. @throws BadInputError where the reader throws ValueError */
export function asInput<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ValueError) throw new BadInputError(`${name}: ${error.message}.`);
    throw error;
  }
}

/** The answer of a port that refuses arguments as INVALID. @throws BadInputError then */
export async function asPortInput<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof PortError && error.code === 'INVALID') throw new BadInputError(`${error.message}.`);
    throw error;
  }
}
