/** Says once a second on `crypto.health` how the trader is. */
import type { Bus, Clock, Log } from '@kairos/ports';
import { isPortError, OVER } from '@kairos/ports';
import type { HealthReport } from '@kairos/schema';
import { encodeHealth, HEALTH_INTERVAL_MS, TOPICS } from '@kairos/schema';

export interface HealthReporter {
  start(): void;
  /** Says nothing after that; a report that is under way is not waited for. */
  stop(): void;
}

/** `report` is asked each time; a bus that does not answer is no reason to stop. */
export function createHealthReporter(
  { bus, clock, log }: { bus: Bus; clock: Clock; log: Log },
  report: () => Promise<HealthReport>,
): HealthReporter {
  const stopping = new AbortController();
  const say = async (): Promise<void> => {
    try {
      const current = await report();
      const key = `${current.component}:${current.instance}`;
      await bus.publish(TOPICS.health, [{ key, value: encodeHealth(current) }]);
    } catch (error) {
      if (!isPortError(error)) throw error;
      log.debug({ code: error.code }, `cannot say how the process is: ${error.message}`);
    }
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await say();
      await clock.sleep(HEALTH_INTERVAL_MS, stopping.signal);
    }
  };

  return {
    start() {
      void run();
    },
    stop: () => stopping.abort(OVER),
  };
}
