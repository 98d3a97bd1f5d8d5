/** Ratios, percentages, counts and spans of time as text. */
import { MINUS, UNKNOWN } from './decimal.js';

/** `62 %` from 0.62. */
export const showShare = (ratio: number | null | undefined, decimals: number = 0): string =>
  showPercent(ratio === null || ratio === undefined ? null : ratio * 100, { decimals });

/** `+0.24 %` from 0.24. */
export function showPercent(
  percent: number | null | undefined,
  options: { readonly decimals?: number; readonly signed?: boolean } = {},
): string {
  const text = showNumber(percent, options);
  return text === UNKNOWN ? text : `${text} %`;
}

/** A ratio or statistic with fixed decimals (default 2). */
export function showNumber(
  value: number | null | undefined,
  { decimals = 2, signed = false }: { readonly decimals?: number; readonly signed?: boolean } = {},
): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  const text = Math.abs(value).toLocaleString(undefined, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  const isZero = !/[1-9]/.test(text);
  return (isZero ? '' : value < 0 ? MINUS : signed ? '+' : '') + text;
}

/** `1 h 12 m`, `3 d 4 h`, `45 s`: the two largest units. */
export function showDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return UNKNOWN;
  const total = Math.max(0, Math.floor(seconds));
  const days = Math.floor(total / 86_400);
  const hours = Math.floor((total % 86_400) / 3_600);
  const minutes = Math.floor((total % 3_600) / 60);
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} m`;
  if (minutes > 0) return `${minutes} m ${total % 60} s`;
  return `${total} s`;
}

/** An age such as `0.4 s`, `12 s`, `3 m 5 s`. */
export function showAge(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return UNKNOWN;
  const age = Math.max(0, ms);
  return age < 9_950 ? `${(age / 1_000).toFixed(1)} s` : showDuration(age / 1_000);
}
