/** Says once a second on `crypto.health` how the predictor is. */
import type { Bus, Clock, Log } from '@kairos/ports';
import { isPortError } from '@kairos/ports';
import type { HealthReport } from '@kairos/schema';
import { encodeHealth, HEALTH_INTERVAL_MS, TOPICS } from '@kairos/schema';

/** What changes from one report to the next. */
export type Condition = Pick<HealthReport, 'healthy' | 'detail' | 'lag' | 'worldTime'>;

/** Reports until the signal aborts. A bus that does not answer is no reason to stop. */
export async function reportHealth(
  deps: { bus: Bus; clock: Clock; log: Log; signal: AbortSignal },
  instance: string,
  condition: () => Promise<Condition>,
): Promise<void> {
  const { bus, clock, log, signal } = deps;
  while (!signal.aborted) {
    try {
      const report: HealthReport = {
        component: 'predictor',
        instance,
        at: clock.now(),
        ...(await condition()),
        feedName: null,
        feedSpeed: null,
        feedEndedAt: null,
      };
      await bus.publish(TOPICS.health, [{ key: `predictor:${instance}`, value: encodeHealth(report) }]);
    } catch (error) {
      if (!isPortError(error)) throw error;
      log.debug({ code: error.code }, `cannot say how the predictor is: ${error.message}`);
    }
    await clock.sleep(HEALTH_INTERVAL_MS, signal);
  }
}
