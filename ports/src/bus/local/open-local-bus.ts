/** The durable local bus: one SQLite file that several processes share. */
import type { Clock } from '../../clock/clock.js';
import type { Log } from '../../log/log.js';
import type { Bus } from '../bus.js';

export interface LocalBusOptions {
  /** Path of the database file, made if missing (its directory too). */
  readonly file: string;
  /** Partitions per topic; stored at first start. */
  readonly partitions: number;
}

export interface LocalBusDeps {
  readonly clock: Clock;
  readonly log?: Log;
}

/**
 * Opens the bus in a file; every topic exists afterwards.
 *
 * @throws PortError INVALID when the file was made with another partition count, CORRUPT when it is no bus file,
 *   UNAVAILABLE when it cannot be opened or others keep it busy for too long.
 */
export declare function openLocalBus(options: LocalBusOptions, deps: LocalBusDeps): Promise<Bus>;
