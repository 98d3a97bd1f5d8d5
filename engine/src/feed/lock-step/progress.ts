/** The trader's committed world time, asked for cheaply: in full only when something was committed. */
import type { Clock, Store } from '@kairos/ports';
import { isPortError } from '@kairos/ports';
import type { Instant } from '@kairos/schema';

/** Between two looks while the feed waits for the trader. */
export const PROGRESS_POLL_MS = 20;

export interface ProgressWatch {
  /** @throws PortError */
  read(): Promise<Instant | null>;
  /** The newest that is known; as it was while the store does not answer. Null = nothing committed. */
  newest(): Promise<Instant | null>;
  /** Waits until it is worth looking again. */
  pause(signal: AbortSignal): Promise<void>;
}

export function createProgressWatch({ store, clock }: { readonly store: Store; readonly clock: Clock }): ProgressWatch {
  const { readModels } = store;
  let seen = '';
  let known: Instant | null = null;
  const read = async () => (known = (await readModels.progress())?.worldTime ?? null);
  return {
    read,
    async newest() {
      try {
        const version = await readModels.version();
        if (version !== seen) await read();
        seen = version;
      } catch (error) {
        if (!isPortError(error) || !error.isRetriable) throw error;
      }
      return known;
    },
    pause: (signal) => clock.sleep(PROGRESS_POLL_MS, signal),
  };
}
