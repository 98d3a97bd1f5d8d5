/** Live figures: state, not fact. The newest frame wins, however the frames arrive. */
import type { LivePnl } from '../api/fragments.js';

/** Data older than this are greyed and say their age. */
export const STALE_AFTER_MS = 5_000;

export interface PnlState {
  readonly frame: LivePnl | null;
  /** The page's monotonic milliseconds when the frame came. */
  readonly receivedAt: number;
  /** False: the next frame is taken whatever its number, as after a reset of the books. */
  readonly isOrdered: boolean;
}

export const noPnl: PnlState = { frame: null, receivedAt: 0, isOrdered: false };

/** The state after a frame; the same state when the frame is older than what is shown. */
export function reducePnl(state: PnlState, frame: LivePnl, receivedAt: number): PnlState {
  if (state.isOrdered && state.frame && isOlder(frame, state.frame)) return state;
  return { frame, receivedAt, isOrdered: true };
}

/** What is shown stays; the next frame is taken whatever its number. */
export const forgetOrder = (state: PnlState): PnlState => ({ ...state, isOrdered: false });

function isOlder(frame: LivePnl, shown: LivePnl): boolean {
  if (frame.seq !== shown.seq) return frame.seq < shown.seq;
  return Date.parse(frame.sentAt) < Date.parse(shown.sentAt);
}

/** Age of the newest price now; null before the first. */
export function priceAgeMs(state: PnlState, now: number): number | null {
  const age = state.frame?.priceAgeMs;
  return age === null || age === undefined ? null : age + Math.max(0, now - state.receivedAt);
}

/** Age of what the newest frame tells: of its newest price where it knows one; null before the first frame. */
export function dataAgeMs(state: PnlState, now: number): number | null {
  if (!state.frame) return null;
  return priceAgeMs(state, now) ?? Math.max(0, now - state.receivedAt);
}

/** Whether figures that depend on prices are too old to act on, or may be: the line is lost, or nothing came. */
export function isPnlStale(state: PnlState, now: number, isConnected: boolean): boolean {
  if (!state.frame) return false;
  const age = priceAgeMs(state, now);
  return !isConnected || now - state.receivedAt > STALE_AFTER_MS || (age !== null && age > STALE_AFTER_MS);
}
