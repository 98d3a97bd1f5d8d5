/** Values in filters: what comes from outside is compared as the text, number or time that it is, never as an operator. */
import { PortError } from '../../errors.js';
import { dateOf, textBson } from './bson-codec.js';

/** @throws PortError INVALID when it is no text. */
export function textValue(value: string): unknown {
  if (typeof value !== 'string') throw invalid('text', value);
  return textBson.write(value);
}

/** @throws PortError INVALID when it is no finite number. */
export function numberValue(value: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid('a finite number', value);
  return value;
}

/** @throws PortError INVALID when it is no time. */
export const dateValue = (time: number): Date => dateOf(numberValue(time));

/** One of these; undefined where no list is given. @throws PortError INVALID */
export const oneOfTexts = (values: readonly string[] | undefined): object | undefined =>
  values && { $in: [...new Set(values)].map(textValue) };

/** from ≤ time < to; undefined where neither is given. @throws PortError INVALID */
export function timeRange(from: number | undefined, to: number | undefined): object | undefined {
  if (from === undefined && to === undefined) return undefined;
  return {
    ...(from === undefined ? {} : { $gte: dateValue(from) }),
    ...(to === undefined ? {} : { $lt: dateValue(to) }),
  };
}

/** The conditions that are given. */
export const filterOf = (conditions: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(conditions).filter(([, condition]) => condition !== undefined));

const invalid = (expected: string, found: unknown): PortError =>
  new PortError('INVALID', `expected ${expected} to look for, found a value of type ${typeof found}`);
