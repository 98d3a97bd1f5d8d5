/** Holds a reader back while nobody takes what it has read. */
import type { Clock } from '@kairos/ports';
import { OVER } from '@kairos/ports';

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

  const wait = async (signal: AbortSignal): Promise<void> => {
    const timer = new AbortController();
    const waited = clock.sleep(SLOW_MS, AbortSignal.any([signal, timer.signal])).then(() => true);
    const made = new Promise<boolean>((resolve) => {
      wake = () => resolve(false);
    });
    const isLong = await Promise.race([waited, made]);
    timer.abort(OVER);
    if (isLong && isFull()) onSlow();
  };

  return {
    async pass(signal) {
      while (isFull() && !signal.aborted) await wait(signal);
    },
    look() {
      if (!wake || isFull()) return;
      wake();
      wake = null;
    },
  };
}
