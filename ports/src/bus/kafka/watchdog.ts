/**
 * Notices a reader that hangs: records stand beyond its position, the brokers answer, and still none comes. Such a
 * reader is given up with an error that ends the process, so that another one is started: within 30 s.
 */
import type { Log } from '../../log/log.js';
import { PortError } from '../../errors.js';
import { LATEST } from './calls.js';
import { STALL_MS_MAX, WATCH_INTERVAL_MS } from './limits.js';
import type { PartitionDeps } from './partitions.js';
import { list } from './partitions.js';
import type { Place, Places } from './places.js';

export interface Watchdog {
  /** Records were taken. */
  progress(): void;
}

export interface WatchdogOptions {
  readonly places: Places;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** Called once. */
  readonly onStuck: (error: PortError) => void;
}

export function createWatchdog(deps: PartitionDeps & { readonly log: Log | null }, options: WatchdogOptions): Watchdog {
  const { clock } = deps.cluster;
  const { places, signal, onStuck } = options;
  /** Since when the partitions that have records waiting on the broker stand where they stand. */
  const stalls = new Map<Place, { readonly next: number; readonly sinceMs: number }>();

  /** Places that wait for records though there are some. */
  async function lagging(): Promise<{ place: Place; next: number }[]> {
    const waiting = places.all().filter((place) => place.ahead.length === 0 && place.failure === null);
    if (waiting.length === 0) return [];
    const seen = waiting.map((place) => ({ place, next: place.next }));
    const ends = await list(
      deps,
      waiting.map(({ at }) => at),
      LATEST,
    );
    return seen.filter(({ place: { at }, next }) => ends.get(`${at.topic}/${at.partition}`)! > next);
  }

  async function look(): Promise<PortError | null> {
    const behind = await lagging();
    for (const place of [...stalls.keys()]) if (!behind.some((each) => each.place === place)) stalls.delete(place);
    for (const { place, next } of behind) {
      const stall = stalls.get(place);
      if (stall?.next !== next) stalls.set(place, { next, sinceMs: clock.monotonicMs() });
      else if (clock.monotonicMs() - stall.sinceMs >= STALL_MS_MAX) return stuckError(place);
    }
    return null;
  }

  async function watch(): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(WATCH_INTERVAL_MS, signal);
      if (signal.aborted) return;
      try {
        const error = await look();
        if (!error) continue;
        onStuck(error);
        return;
      } catch (error) {
        // No broker, no records to come: that is an outage, not a reader that hangs.
        stalls.clear();
        deps.log?.debug({ error }, 'the ends of partitions could not be asked for');
      }
    }
  }

  void watch();
  return { progress: () => stalls.clear() };
}

const stuckError = ({ at, next }: Place): PortError =>
  new PortError(
    'STUCK',
    `expected records of ${at.topic}/${at.partition} from ${next} on, found none for ${STALL_MS_MAX} ms though there are some: the process must be started again`,
  );
