/** Instants as text: always UTC, in the order year, month, day. The zone is named where the text stands alone. */
import { UNKNOWN } from './decimal.js';

const pad = (value: number): string => String(value).padStart(2, '0');

/** `2024-08-05 14:03:07`. */
export function showTime(iso: string | number | null | undefined): string {
  if (iso === null || iso === undefined) return UNKNOWN;
  const text = new Date(iso).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 19)}`;
}

/** `2024-08-05 14:03:07 UTC`. */
export const showTimeUtc = (iso: string | number | null | undefined): string =>
  iso === null || iso === undefined ? UNKNOWN : `${showTime(iso)} UTC`;

/** `14:03:07`. */
export const showClock = (iso: string | number | null | undefined): string =>
  iso === null || iso === undefined ? UNKNOWN : showTime(iso).slice(11);

/** `08-05 14:03`: for dense tables whose heading names the zone. */
export const showShortTime = (iso: string | number | null | undefined): string =>
  iso === null || iso === undefined ? UNKNOWN : showTime(iso).slice(5, 16);

const STEPS_MS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
  1_209_600, 2_592_000, 7_776_000, 15_552_000, 31_536_000,
].map((seconds) => seconds * 1_000);

export interface TimeTick {
  readonly at: number;
  readonly label: string;
}

/** Round instants between two others, about `count` of them, labelled as finely as their distance asks for. */
export function timeTicks(from: number, to: number, count: number): TimeTick[] {
  const span = to - from;
  if (!(span > 0) || count < 1) return [];
  const step = STEPS_MS.find((candidate) => span / candidate <= count) ?? (STEPS_MS.at(-1) as number);
  const ticks: TimeTick[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push({ at, label: labelOf(at, step) });
  return ticks;
}

function labelOf(at: number, stepMs: number): string {
  const time = new Date(at);
  const day = `${pad(time.getUTCMonth() + 1)}-${pad(time.getUTCDate())}`;
  if (stepMs >= 28 * 86_400_000) return `${time.getUTCFullYear()}-${pad(time.getUTCMonth() + 1)}`;
  if (stepMs >= 86_400_000) return day;
  const clock = `${pad(time.getUTCHours())}:${pad(time.getUTCMinutes())}`;
  if (stepMs < 60_000) return `${clock}:${pad(time.getUTCSeconds())}`;
  return clock === '00:00' ? day : clock;
}
