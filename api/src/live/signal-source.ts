/**
 * Signals as they are published. In lock-step worlds the predictor is ahead of the trader: its signals wait until the
 * trader has reached their time.
 */
import type { StoredSignal } from '@kairos/ports';
import type { Instant } from '@kairos/schema';
import { PREDICTOR_SOURCE, SIGNAL_AGE_MAX_MS, SIGNAL_AHEAD_MAX_MS, WALL_STAMP_TOLERANCE_MS } from '@kairos/schema';
import { createBroadcast } from './broadcast.js';
import type { Stream } from './channel.js';

export interface SignalSource {
  /** A signal heard on the bus, at this world time. */
  offer(signal: StoredSignal, now: Instant): void;
  /** The trader has committed up to this world time. */
  reached(worldTime: Instant): void;
  subscribe(symbols: readonly string[] | null): Stream<StoredSignal>;
  readonly hasSubscribers: boolean;
}

/** Signals that wait for one subscriber, and signals that wait for the trader; the oldest go first. */
export const SIGNALS_QUEUED_MAX = 1_000;
export const SIGNALS_HELD_MAX = 5_000;

export function createSignalSource({ isLockStep }: { readonly isLockStep: boolean }): SignalSource {
  const broadcast = createBroadcast<StoredSignal>({ capacity: SIGNALS_QUEUED_MAX });
  let held: StoredSignal[] = [];
  let reachedTime = -Infinity;

  const tellIfValid = (signal: StoredSignal, now: Instant): void => {
    const ageMs = now - signal.time;
    if (ageMs <= SIGNAL_AGE_MAX_MS && ageMs >= -SIGNAL_AHEAD_MAX_MS) broadcast.push(signal);
  };

  return {
    offer(signal, now) {
      if (!isLockStep) return tellIfValid(signal, now);
      if (signal.source !== PREDICTOR_SOURCE) return tellIfValid(inWorldTime(signal, now), now);
      if (signal.time <= reachedTime) return broadcast.push(signal);
      held.push(signal);
      if (held.length > SIGNALS_HELD_MAX) held.shift();
    },
    reached(worldTime) {
      reachedTime = worldTime;
      const due = held.filter((signal) => signal.time <= worldTime);
      if (due.length === 0) return;
      held = held.filter((signal) => signal.time > worldTime);
      due.forEach((signal) => broadcast.push(signal));
    },
    subscribe: (symbols) =>
      broadcast.subscribe({ accepts: (signal) => symbols === null || symbols.includes(signal.symbol) }),
    get hasSubscribers() {
      return broadcast.size > 0;
    },
  };
}

/** Outsiders who stamp by the wall clock play along in another world's time. */
function inWorldTime(signal: StoredSignal, now: Instant): StoredSignal {
  const isWallStamped = Math.abs(signal.receivedAt - signal.time) <= WALL_STAMP_TOLERANCE_MS;
  return isWallStamped ? { ...signal, time: now } : signal;
}
