/**
 * Exact decimals as scaled integers.
 *
 * A value is a `bigint` of units of 10^-scale: money, amounts and rates have 8 decimals, prices 12. Binary floats are
 * never used; every division names its rounding.
 */
import { assert, ValueError } from './errors.js';

declare const unit: unique symbol;

/** Money in the account's quote currency, in units of 1e-8. */
export type Money = bigint & { readonly [unit]: 'Money' };
/** Amount of the base coin, in units of 1e-8. */
export type Amount = bigint & { readonly [unit]: 'Amount' };
/** Price of one base coin in the quote currency, in units of 1e-12. */
export type Price = bigint & { readonly [unit]: 'Price' };
/** A share or fraction (commission, risk per trade, stop loss), in units of 1e-8. */
export type Rate = bigint & { readonly [unit]: 'Rate' };

export const MONEY_DECIMALS = 8;
export const AMOUNT_DECIMALS = 8;
export const RATE_DECIMALS = 8;
export const PRICE_DECIMALS = 12;

/** Digits before the decimal point that any value may have: larger ones are refused on reading. */
export const INTEGER_DIGITS_MAX = 15;

/** How a division that does not come out even is rounded. `halfEven` rounds a tie to the even neighbour. */
export type Rounding = 'down' | 'up' | 'halfEven';

/** What to do with digits beyond the scale when reading: refuse, or round half-even. */
export type Excess = 'refuse' | 'halfEven';

/** `numerator / denominator` as an integer. Denominator above 0; down is towards zero, up away from it. */
export function divide(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  assert(denominator > 0n, 'a denominator is above 0');
  const quotient = numerator / denominator;
  if (rounding === 'down') return quotient;
  const remainder = numerator - quotient * denominator;
  if (remainder === 0n) return quotient;
  const away = numerator < 0n ? -1n : 1n;
  if (rounding === 'up') return quotient + away;
  const twice = (remainder < 0n ? -remainder : remainder) * 2n;
  if (twice > denominator) return quotient + away;
  if (twice < denominator) return quotient;
  return quotient % 2n === 0n ? quotient : quotient + away;
}

const DECIMAL_TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
const POWERS: readonly bigint[] = Array.from({ length: 64 }, (_, exponent) => 10n ** BigInt(exponent));

/** 10^exponent, exponent 0 to 63. */
export function powerOfTen(exponent: number): bigint {
  const power = POWERS[exponent];
  if (power === undefined) throw new ValueError('an exponent from 0 to 63', exponent);
  return power;
}

/**
 * Reads a decimal from text or a finite number (taken at its shortest decimal text) into units of 10^-scale.
 *
 * @throws ValueError when it is no decimal, has more than 15 digits before the point, or has more decimals than the
 *   scale and `excess` is `refuse`.
 */
export function parseDecimal(input: unknown, scale: number, excess: Excess = 'refuse'): bigint {
  const match = DECIMAL_TEXT.exec(textOf(input));
  const whole = match?.[2] ?? '';
  const fraction = match?.[3] ?? '';
  if (!match || whole.length + fraction.length === 0) throw new ValueError('a decimal number', input);
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return 0n;
  const shift = Number(match[4] ?? 0) - fraction.length + scale;
  if (digits.length + shift - scale > INTEGER_DIGITS_MAX) {
    throw new ValueError(`a decimal number with at most ${INTEGER_DIGITS_MAX} digits before the point`, input);
  }
  const units = shift >= 0 ? BigInt(digits) * powerOfTen(shift) : dropDigits(digits, -shift, scale, excess, input);
  return match[1] === '-' ? -units : units;
}

function textOf(input: unknown): string {
  if (typeof input === 'string') return input;
  if (typeof input === 'number' && Number.isFinite(input)) return String(input);
  throw new ValueError('a decimal number', input);
}

function dropDigits(digits: string, count: number, scale: number, excess: Excess, input: unknown): bigint {
  const kept = digits.slice(0, Math.max(0, digits.length - count));
  const dropped = digits.slice(kept.length).padStart(count, '0');
  const units = BigInt(kept === '' ? '0' : kept);
  if (/^0*$/.test(dropped)) return units;
  if (excess === 'refuse') throw new ValueError(`a decimal number with at most ${scale} decimals`, input);
  const half = `5${'0'.repeat(count - 1)}`;
  const isUp = dropped > half || (dropped === half && units % 2n === 1n);
  return isUp ? units + 1n : units;
}

/** Plain notation: no exponent, no plus sign, no trailing zeros; zero is `0`. */
export function formatDecimal(units: bigint, scale: number): string {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  const fraction = digits.slice(point).replace(/0+$/, '');
  return fraction === '' ? `${sign}${digits.slice(0, point)}` : `${sign}${digits.slice(0, point)}.${fraction}`;
}

export const parseMoney = (input: unknown): Money => parseDecimal(input, MONEY_DECIMALS) as Money;
export const parseAmount = (input: unknown): Amount => parseDecimal(input, AMOUNT_DECIMALS) as Amount;
export const parseRate = (input: unknown): Rate => parseDecimal(input, RATE_DECIMALS) as Rate;
/** Reads a price above 0; more than 12 decimals are rounded half-even. */
export function parsePrice(input: unknown): Price {
  const price = parseDecimal(input, PRICE_DECIMALS, 'halfEven') as Price;
  if (price <= 0n) throw new ValueError('a price above 0', input);
  return price;
}

export const formatMoney = (value: Money): string => formatDecimal(value, MONEY_DECIMALS);
export const formatAmount = (value: Amount): string => formatDecimal(value, AMOUNT_DECIMALS);
export const formatRate = (value: Rate): string => formatDecimal(value, RATE_DECIMALS);
export const formatPrice = (value: Price): string => formatDecimal(value, PRICE_DECIMALS);

export const ZERO_MONEY = 0n as Money;
export const ONE_RATE = powerOfTen(RATE_DECIMALS) as Rate;

/** Sum and difference of two values of one unit. */
export const plus = <T extends bigint>(a: T, b: T): T => ((a as bigint) + (b as bigint)) as T;
export const minus = <T extends bigint>(a: T, b: T): T => ((a as bigint) - (b as bigint)) as T;

/**
 * The nearest binary number of a scaled value: for ratios, statistics and charts, never for books.
 * Exact to about 15 digits.
 */
export function toNumber(units: bigint, scale: number): number {
  return Number(formatDecimal(units, scale));
}

/** Decimals of a ratio before it becomes a binary number. */
const RATIO_DECIMALS = 30;

/** Integers up to this are binary numbers without loss. */
const EXACT_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** `part / whole` as a statistic: the nearest binary number. Null when the whole is 0; the whole is never negative. */
export function ratioOf(part: bigint, whole: bigint): number | null {
  if (whole === 0n) return null;
  if (part <= EXACT_MAX && -part <= EXACT_MAX && whole <= EXACT_MAX) return Number(part) / Number(whole);
  return toNumber(divide(part * powerOfTen(RATIO_DECIMALS), whole, 'halfEven'), RATIO_DECIMALS);
}
