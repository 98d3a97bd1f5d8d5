/**
 * The durable local bus: one SQLite file that several processes share.
 *
 * What `publish` resolved for survives the death of the process and of the machine. Each process sees what others
 * appended within about 20 ms. Records and groups carry a checksum that is verified on reading.
 */
import type { Clock } from '../../clock/clock.js';
import type { Log } from '../../log/log.js';
import type { Bus } from '../bus.js';
import { createBackendBus } from '../common/backend-bus.js';
import type { RetentionByTopic } from '../common/limits.js';
import { RETENTION } from '../common/limits.js';
import { openDatabase } from './database.js';
import { createLocalBackend } from './local-backend.js';
import { retrying } from './retrying.js';

/** Size of the file at which publishing is refused with FULL. */
export const BUS_BYTES_MAX = 16 * 1024 ** 3;

export interface LocalBusOptions {
  /** Path of the database file, made if missing (its directory too). */
  readonly file: string;
  /** Partitions per topic, 1 to 256; stored at first start. */
  readonly partitions: number;
  /** Left out: `RETENTION`. */
  readonly retention?: RetentionByTopic;
  /** Left out: `BUS_BYTES_MAX`. */
  readonly bytesMax?: number;
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
export async function openLocalBus(options: LocalBusOptions, deps: LocalBusDeps): Promise<Bus> {
  const { file, partitions, retention = RETENTION, bytesMax = BUS_BYTES_MAX } = options;
  const { clock, log = null } = deps;
  const database = await retrying(clock, () => openDatabase(file, bytesMax));
  try {
    const backend = await createLocalBackend({ database, clock, log }, { partitions, retention });
    return createBackendBus({ backend, clock, log });
  } catch (error) {
    database.close();
    throw error;
  }
}
