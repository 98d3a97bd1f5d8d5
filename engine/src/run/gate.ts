/** Holds a reader back while nobody takes what it has read. */
import type { Clock } from '@kairos/ports';
import { LATE, orLate } from '@kairos/ports';
import { woken } from './woken.js';

/** How long others wait for the slowest before something is done about it. */
const SLOW_MS = 1_000;

export interface Gate {
  /** Resolves when there is room, or the signal aborts. */
  pass(signal: AbortSignal): Promise<void>;
  /** Looks again whether there is room. */
  look(): void;
}

/** @param onSlow Called each time that there has been no room for SLOW_MS. */
export function createGate(
  clock: Clock,
  { isFull, onSlow }: { readonly isFull: () => boolean; readonly onSlow: () => void },
): Gate {
  let wake: (() => void) | null = null;

  const wakeUp = (): void => {
    wake?.();
    wake = null;
  };

  const wait = async (signal: AbortSignal): Promise<void> => {
    const made = woken(signal, (woke) => (wake = woke));
    const outcome = await orLate(clock, SLOW_MS, made);
    wakeUp();
    if (outcome === LATE && isFull()) onSlow();
  };

  return {
    async pass(signal) {
      while (isFull() && !signal.aborted) await wait(signal);
    },
    look() {
      if (!isFull()) wakeUp();
    },
  };
}
