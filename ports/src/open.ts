/** Configuration to adapters: the only file that knows which adapter stands behind a port. */
import { join } from 'node:path';
import type { Config, ConfigProblem, World } from '@kairos/schema';
import { ConfigError, worldSlug } from '@kairos/schema';
import type { Bus } from './bus/bus.js';
import { openLocalBus } from './bus/local/open-local-bus.js';
import type { Clock } from './clock/clock.js';
import { createFileLock } from './lock/local/file-lock.js';
import type { Lock } from './lock/lock.js';
import type { Log } from './log/log.js';
import { createLockOwnership } from './ownership/lock-ownership.js';
import type { Ownership } from './ownership/ownership.js';
import { openSqliteApp, openSqliteStore } from './store/sqlite/sqlite-store.js';
import type { OpenApp, Store } from './store/store.js';

/** Everything of a world that its processes share. */
export interface Doors {
  readonly bus: Bus;
  readonly store: Store;
  /** Which of the world's accounts a trader has. */
  readonly ownership: Ownership;
  /** Held by the one feed that publishes the world's prices. */
  readonly feedLock: Lock;
  /** Held by the predictor of a REPLAY or SIMULATOR world; with an exchange several share the symbols. */
  readonly predictorLock: Lock;
  close(): Promise<void>;
}

export interface DoorsDeps {
  readonly clock: Clock;
  readonly log?: Log;
}

/** Where the embedded store and bus keep a world. */
export interface WorldFiles {
  /** Shared by all worlds. */
  readonly appFile: string;
  /** Shared too: room kept for a panic on a full disk. */
  readonly reserveFile: string;
  readonly journalFile: string;
  readonly busFile: string;
  readonly lockFile: string;
  readonly feedLockFile: string;
  readonly predictorLockFile: string;
}

const APP_FILE = 'app.db';

export function worldFiles(dataDir: string, world: World): WorldFiles {
  const folder = join(dataDir, 'worlds', worldSlug(world));
  return {
    appFile: join(dataDir, APP_FILE),
    reserveFile: join(dataDir, 'reserve'),
    journalFile: join(folder, 'journal.db'),
    busFile: join(folder, 'bus.db'),
    lockFile: join(folder, 'trader.lock'),
    feedLockFile: join(folder, 'feed.lock'),
    predictorLockFile: join(folder, 'predictor.lock'),
  };
}

/**
 * Opens store and bus of a world; files and folders are made if missing.
 *
 * @throws ConfigError when the configuration names servers, PortError when a file cannot be opened.
 */
export async function openDoors(config: Config, world: World, deps: DoorsDeps): Promise<Doors> {
  refuseServers(config);
  const files = worldFiles(config.DATA_DIR, world);
  const store = await openSqliteStore(files, deps);
  try {
    const bus = await openLocalBus({ file: files.busFile, partitions: config.KAFKA_PARTITIONS }, deps);
    return {
      bus,
      store,
      ownership: createLockOwnership({ lock: createFileLock({ file: files.lockFile }, deps), ...deps }, store.shards),
      feedLock: createFileLock({ file: files.feedLockFile }, deps),
      predictorLock: createFileLock({ file: files.predictorLockFile }, deps),
      async close() {
        await bus.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Opens users and sessions alone. @throws ConfigError, PortError as `openDoors` */
export async function openApp(config: Config, deps: DoorsDeps): Promise<OpenApp> {
  refuseServers(config);
  return openSqliteApp(join(config.DATA_DIR, APP_FILE), deps);
}

/** This release runs embedded. */
function refuseServers(config: Config): void {
  const problems: ConfigProblem[] = [];
  const refuse = (variable: ConfigProblem['variable'], what: string) =>
    problems.push({ variable, message: `expected nothing: this release keeps its ${what} in DATA_DIR; unset it` });
  if (!config.isStoreEmbedded) refuse('MONGODB_URI', 'store');
  if (!config.isBusEmbedded) refuse('KAFKA_BROKERS', 'bus');
  if (problems.length > 0) throw new ConfigError(problems);
}
