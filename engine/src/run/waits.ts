/** What the trader waits for in a REPLAY or SIMULATOR world, for how long, and what it says of it. */
import type { Clock, WorldNotes } from '@kairos/ports';
import type { EngineState } from '../core/state.js';
import { isLockStep } from '@kairos/schema';

/** Longest that anything is waited for before looking around again. */
const LOOK_AROUND_MS = 500;

export interface Wait {
  readonly for: 'nothing' | 'input' | 'predictor' | 'account';
  readonly ms: number;
}

export interface Waits {
  /** Nothing is waited for: there is more to take. */
  none(): Wait;
  isWaitingForPredictor(notes: WorldNotes): boolean;
  /** Nothing has arrived. */
  forInput(): Wait;
  /** The predictor's signals are due; null when the one wait for its first is over. */
  forPredictor(state: EngineState): Wait | null;
  /** An account has been asked for that falls to another shard: the world is to have one. */
  noteForeignAccount(): void;
  /** The wait of a fresh world for its first account before its first price; null when there is none. */
  forFirstAccount(state: EngineState): Wait | null;
  /** What is waited for, in words. */
  trouble(): string | null;
}

export function createWaits(
  clock: Clock,
  limits: { readonly firstSignalMs: number; readonly firstAccountMs: number },
): Waits {
  let hasForeignAccount = false;
  let current: { readonly for: Wait['for']; readonly began: number; readonly words: string } | null = null;

  const begin = (what: Wait['for'], words: string): number => {
    if (current?.for !== what) current = { for: what, began: clock.monotonicMs(), words };
    return clock.monotonicMs() - current.began;
  };

  return {
    none() {
      current = null;
      return { for: 'nothing', ms: 0 };
    },
    isWaitingForPredictor: (notes) => notes.hasPredictor || notes.firstSignalWaitEndedAt === null,
    forInput() {
      current = null;
      return { for: 'input', ms: LOOK_AROUND_MS };
    },
    forPredictor(state) {
      const waited = begin('predictor', "waiting for the predictor's signals: is it running?");
      if (!state.notes.hasPredictor && waited >= limits.firstSignalMs) return null;
      return { for: 'predictor', ms: LOOK_AROUND_MS };
    },
    noteForeignAccount() {
      hasForeignAccount = true;
    },
    forFirstAccount(state) {
      if (hasForeignAccount) return null;
      const isFresh = isLockStep(state.world) && state.notes.round === null && state.accounts.size === 0;
      if (!isFresh) return null;
      const waited = begin('account', 'waiting for the first account before the first price');
      return waited < limits.firstAccountMs ? { for: 'account', ms: LOOK_AROUND_MS } : null;
    },
    trouble: () => current?.words ?? null,
  };
}
