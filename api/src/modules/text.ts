/** Values as the text or number that GraphQL shows. */
import { ratioOf } from '@kairos/schema';

/** The text of a value that may be missing. */
export const orNull = <T, R>(value: T | null, format: (value: T) => R): R | null =>
  value === null ? null : format(value);

/** part / whole × 100; null when the whole is 0. */
export const percentOf = (part: bigint, whole: bigint): number | null => ratioOf(part * 100n, whole);
