/** When a process that ended is started again: a function of how often it failed and how long it ran. */
import { EXIT } from '../cli.js';

export const BACK_OFF_MS_MIN = 250;
export const BACK_OFF_MS_MAX = 5_000;
/** A process that ran this long was healthy: what failed before is forgotten. */
export const HEALTHY_MS = 30_000;

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly ranMs: number;
}

export type NextStep =
  | { readonly kind: 'restart'; readonly failures: number; readonly waitMs: number }
  /** Wrong usage or configuration: starting it again changes nothing. */
  | { readonly kind: 'giveUp' };

/** @param failures Failures in a row before this one. */
export function afterEnd(failures: number, { code, ranMs }: Ended): NextStep {
  if (code === EXIT.usage) return { kind: 'giveUp' };
  const inARow = ranMs >= HEALTHY_MS ? 1 : failures + 1;
  return { kind: 'restart', failures: inARow, waitMs: backOffMs(inARow) };
}

/** 0.25 s, doubling with each failure in a row, up to 5 s. */
export const backOffMs = (failures: number): number =>
  Math.min(BACK_OFF_MS_MAX, BACK_OFF_MS_MIN * 2 ** Math.min(failures - 1, 10));
