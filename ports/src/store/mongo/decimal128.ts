/**
 * Scaled integers as Decimal128 and back, digit for digit. The scale is kept as Decimal128's own exponent, so 5,000 of
 * money is `5000.00000000` in the database; a value that a person wrote with another exponent is read all the same.
 */
import { divide, powerOfTen, ValueError } from '@kairos/schema';
import { Decimal128 } from 'mongodb';
import { PortError } from '../../errors.js';

/** Decimal128 has 34 digits. */
const COEFFICIENT_END = powerOfTen(34);
const EXPONENT_BIAS = 6176n;
const EXPONENT_SHIFT = 49n;
const HIGH_COEFFICIENT = (1n << EXPONENT_SHIFT) - 1n;
const SIGN = 1n << 63n;
/** These two bits are both set in infinities, in what is no number, and in forms that no canonical value has. */
const SPECIAL = 3n << 61n;
const EXPONENT = (1n << 14n) - 1n;
/** Largest shift of a value written with another exponent. */
const SHIFT_MAX = 60n;

/** Where bytes are put together and taken apart: making a view for every value costs more than all the rest. */
const scratch = new Uint8Array(16);
const view = new DataView(scratch.buffer);

/** Nothing is plain `0`: with an exponent it would be told as `0E-8`. @throws PortError INVALID beyond 34 digits */
export function toDecimal128(units: bigint, scale: number): Decimal128 {
  const coefficient = units < 0n ? -units : units;
  if (coefficient >= COEFFICIENT_END) {
    throw new PortError('INVALID', `expected a decimal of at most 34 digits, found ${units}`);
  }
  const exponent = coefficient === 0n ? EXPONENT_BIAS : EXPONENT_BIAS - BigInt(scale);
  const high = (exponent << EXPONENT_SHIFT) | (coefficient >> 64n);
  // What is above 64 bits is cut off by writing.
  view.setBigUint64(0, coefficient, true);
  view.setBigUint64(8, units < 0n ? high | SIGN : high, true);
  return new Decimal128(scratch.slice());
}

/** @throws ValueError when it is no Decimal128, no finite number, or has digits beyond the scale. */
export function fromDecimal128(input: unknown, scale: number): bigint {
  if (!(input instanceof Decimal128)) throw new ValueError('a Decimal128', input);
  scratch.set(input.bytes);
  const high = view.getBigUint64(8, true);
  if ((high & SPECIAL) === SPECIAL) throw new ValueError('a finite decimal', input.toString());
  const coefficient = ((high & HIGH_COEFFICIENT) << 64n) | view.getBigUint64(0, true);
  const shift = ((high >> EXPONENT_SHIFT) & EXPONENT) - EXPONENT_BIAS + BigInt(scale);
  const units = shift === 0n ? coefficient : shifted(coefficient, shift, input);
  return (high & SIGN) === 0n ? units : -units;
}

function shifted(coefficient: bigint, shift: bigint, input: Decimal128): bigint {
  if (coefficient === 0n) return 0n;
  const power = powerOfTen(Number(shift < 0n ? min(-shift, SHIFT_MAX) : min(shift, SHIFT_MAX)));
  const isTooFar = shift > SHIFT_MAX || shift < -SHIFT_MAX;
  if (isTooFar || (shift < 0n && coefficient % power !== 0n)) {
    throw new ValueError('a decimal within its scale', input.toString());
  }
  return shift < 0n ? divide(coefficient, power, 'down') : coefficient * power;
}

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
