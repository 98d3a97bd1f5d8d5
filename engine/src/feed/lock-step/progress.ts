/** The trader's committed world time, asked for cheaply: in full only when something was committed. */
import type { Clock, Store } from '@kairos/ports';
import { isPortError } from '@kairos/ports';
import type { Instant } from '@kairos/schema';

/** Between two looks while the feed waits for the trader. */
export const PROGRESS_POLL_MS = 20;

export interface ProgressWatch {
  /** @throws PortError */
  read(): Promise<Instant | null>;
  /** Null when nothing was committed since the last call, or the store does not answer. */
  readIfChanged(): Promise<Instant | null>;
  /** Waits until it is worth looking again. */
  pause(signal: AbortSignal): Promise<void>;
}

export function createProgressWatch({ store, clock }: { readonly store: Store; readonly clock: Clock }): ProgressWatch {
  const { readModels } = store;
  let seen = '';
  const read = async () => (await readModels.progress())?.worldTime ?? null;
  return {
    read,
    async readIfChanged() {
      try {
        const version = await readModels.version();
        if (version === seen) return null;
        const committed = await read();
        seen = version;
        return committed;
      } catch (error) {
        if (isPortError(error) && error.isRetriable) return null;
        throw error;
      }
    },
    pause: (signal) => clock.sleep(PROGRESS_POLL_MS, signal),
  };
}
