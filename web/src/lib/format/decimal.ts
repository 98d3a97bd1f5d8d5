/**
 * Exact decimals from the API as text for people: thousands by locale, a true minus sign, every digit on demand.
 *
 * A number is shortened only for the eye (half-even), never parsed into a float.
 */
import { divide, formatDecimal, parseDecimal, powerOfTen, PRICE_DECIMALS } from '@kairos/schema';

/** Digits kept while reading: as many as any value of the API has. */
const SCALE = PRICE_DECIMALS;

export const MINUS = '−';
/** Shown where nothing is known. */
export const UNKNOWN = '–';

export interface DecimalOptions {
  /** Decimals to show; left out = all there are. */
  readonly decimals?: number;
  /** A plus sign on gains. A value that rounds to zero has no sign. Default false. */
  readonly signed?: boolean;
  /** BCP 47; left out = the browser's. */
  readonly locale?: string;
}

interface Separators {
  readonly whole: Intl.NumberFormat;
  readonly point: string;
}

const separators = new Map<string, Separators>();

function separatorsOf(locale: string | undefined): Separators {
  const key = locale ?? '';
  const known = separators.get(key);
  if (known) return known;
  const parts = new Intl.NumberFormat(locale).formatToParts(0.5);
  const point = parts.find((part) => part.type === 'decimal')?.value ?? '.';
  const made = { whole: new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }), point };
  separators.set(key, made);
  return made;
}

/** Text of an exact decimal; `UNKNOWN` for null. @throws ValueError when the text is no decimal */
export function showDecimal(value: string | null | undefined, options: DecimalOptions = {}): string {
  if (value === null || value === undefined) return UNKNOWN;
  const units = parseDecimal(value, SCALE, 'halfEven');
  const shown = options.decimals === undefined ? units : roundTo(units, options.decimals);
  const { whole, point } = separatorsOf(options.locale);
  const size = shown < 0n ? -shown : shown;
  const digits = fractionOf(size, options.decimals);
  const text = whole.format(size / powerOfTen(SCALE)) + (digits === '' ? '' : point + digits);
  return signOf(shown, options.signed ?? false) + text;
}

function roundTo(units: bigint, decimals: number): bigint {
  const step = powerOfTen(SCALE - decimals);
  return divide(units, step, 'halfEven') * step;
}

function fractionOf(size: bigint, decimals: number | undefined): string {
  const digits = (size % powerOfTen(SCALE)).toString().padStart(SCALE, '0');
  return decimals === undefined ? digits.replace(/0+$/, '') : digits.slice(0, decimals);
}

function signOf(units: bigint, signed: boolean): string {
  if (units < 0n) return MINUS;
  return signed && units > 0n ? '+' : '';
}

/** Money with 2 decimals. */
export const showMoney = (value: string | null | undefined, options: DecimalOptions = {}): string =>
  showDecimal(value, { decimals: 2, ...options });

/** -1, 0 or 1: which way the value points once it is shown with so many decimals (default 2). */
export function directionOf(value: string | null | undefined, decimals: number = 2): -1 | 0 | 1 {
  if (value === null || value === undefined) return 0;
  const units = roundTo(parseDecimal(value, SCALE, 'halfEven'), decimals);
  return units === 0n ? 0 : units < 0n ? -1 : 1;
}

/** `a - b`, exactly. */
export function subtract(a: string, b: string): string {
  return formatDecimal(parseDecimal(a, SCALE, 'halfEven') - parseDecimal(b, SCALE, 'halfEven'), SCALE);
}

/** Decimals that a price deserves when its instrument is not known: about six digits in all. */
export function priceDecimalsOf(price: string): number {
  const whole = price.replace('-', '').split('.')[0] ?? '';
  if (whole !== '0') return Math.max(2, 6 - whole.length);
  const leading = /^0\.(0*)/.exec(price)?.[1]?.length ?? 0;
  return Math.min(SCALE, leading + 4);
}

/** Decimals that show an amount with about six digits, at most as many as it has. */
export function amountDecimalsOf(amount: string): number {
  const [whole = '', fraction = ''] = amount.replace('-', '').split('.');
  const leading = whole === '0' ? (/^0*/.exec(fraction)?.[0].length ?? 0) : 0;
  const wanted = whole === '0' ? leading + 5 : Math.max(0, 6 - whole.length);
  return Math.min(fraction.length, wanted);
}

/** A fraction such as 0.005 as percent digits such as 0.5, exactly; empty for null. */
export function fractionToPercent(fraction: string | null): string {
  return fraction === null ? '' : formatDecimal(parseDecimal(fraction, SCALE), SCALE - 2);
}

/** Percent digits such as 0.5 as the fraction 0.005, exactly. @throws ValueError when it is no number or too fine */
export function percentToFraction(percent: string): string {
  return formatDecimal(parseDecimal(percent.trim().replace(',', '.'), 6), 8);
}
