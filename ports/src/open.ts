/** Configuration to adapters: the only file that knows which adapter a configuration asks for. */
import { join } from 'node:path';
import type { Config, World } from '@kairos/schema';
import { TOPICS, worldSlug } from '@kairos/schema';
import type { KafkaBusOptions } from './adapters.js';
import {
  createFileLock,
  openKafkaBus,
  openLocalBus,
  openMongoApp,
  openMongoStore,
  openSqliteApp,
  openSqliteStore,
} from './adapters.js';
import type { Bus } from './bus/bus.js';
import type { Clock } from './clock/clock.js';
import type { PortError } from './errors.js';
import { createGroupLock } from './lock/group/group-lock.js';
import type { Lock } from './lock/lock.js';
import type { Log } from './log/log.js';
import { silentLog } from './log/silent-log.js';
import { createGroupOwnership } from './ownership/group-ownership.js';
import { createLockOwnership } from './ownership/lock-ownership.js';
import type { Ownership } from './ownership/ownership.js';
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
  /** Called when reading from the bus hangs for good: the process is to be ended with an error. */
  readonly onStuck?: (error: PortError) => void;
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
/** Consumer groups that stand for a lock on a bus that machines share. */
const FEED_GROUP = 'kairos-feed';
const PREDICTOR_GROUP = 'kairos-predictor-lock';

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
 * Opens store and bus of a world, each embedded or on its server; files, folders, topics and collections are made if
 * missing.
 *
 * @throws PortError INVALID when what is stored does not fit the configuration (another world, another number of
 *   partitions), or a server refuses the login; UNAVAILABLE when one does not answer, or a file cannot be opened.
 */
export async function openDoors(config: Config, world: World, deps: DoorsDeps): Promise<Doors> {
  const files = worldFiles(config.DATA_DIR, world);
  const store = await openStore(config, world, deps);
  try {
    const bus = await openBus(config, files, deps);
    return {
      bus,
      store,
      ownership: ownershipOf(config, files, { ...deps, bus, store }),
      feedLock: lockOf(config, { ...deps, bus }, { file: files.feedLockFile, groupId: FEED_GROUP }),
      predictorLock: lockOf(config, { ...deps, bus }, { file: files.predictorLockFile, groupId: PREDICTOR_GROUP }),
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

/** Opens users and sessions alone. @throws PortError as `openDoors` */
export async function openApp(config: Config, deps: DoorsDeps): Promise<OpenApp> {
  if (config.MONGODB_URI === null) return openSqliteApp(join(config.DATA_DIR, APP_FILE), deps);
  return openMongoApp({ uri: config.MONGODB_URI, database: config.MONGODB_DATABASE }, deps);
}

function openStore(config: Config, world: World, deps: DoorsDeps): Promise<Store> {
  const { MONGODB_URI: uri, MONGODB_DATABASE: database, KAFKA_PARTITIONS: shards } = config;
  if (uri === null) return openSqliteStore(worldFiles(config.DATA_DIR, world), deps);
  return openMongoStore({ uri, database, world, shards }, deps);
}

function openBus(config: Config, { busFile }: WorldFiles, deps: DoorsDeps): Promise<Bus> {
  const { KAFKA_BROKERS: brokers, KAFKA_PARTITIONS: partitions, KAFKA_REPLICATION: replication } = config;
  if (brokers === null) return openLocalBus({ file: busFile, partitions }, deps);
  return openKafkaBus({ brokers, ssl: config.KAFKA_SSL, sasl: saslOf(config), partitions, replication }, deps);
}

/** The configuration has all three of them or none. */
export function saslOf(config: Config): NonNullable<KafkaBusOptions['sasl']> | null {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  return mechanism === null || username === null || password === null ? null : { mechanism, username, password };
}

/** One trader has the embedded store; on a server traders share its shards. */
function ownershipOf(
  config: Config,
  files: WorldFiles,
  { bus, store, ...deps }: DoorsDeps & { readonly bus: Bus; readonly store: Store },
): Ownership {
  if (!config.isStoreEmbedded) return createGroupOwnership({ bus }, store.shards);
  return createLockOwnership({ lock: createFileLock({ file: files.lockFile }, deps), ...deps }, store.shards);
}

/** Whoever is to be the only one on the embedded bus is on this machine. */
function lockOf(
  config: Config,
  { bus, clock, log = silentLog }: DoorsDeps & { readonly bus: Bus },
  { file, groupId }: { readonly file: string; readonly groupId: string },
): Lock {
  if (config.isBusEmbedded) return createFileLock({ file }, { clock });
  return createGroupLock({ bus, clock, log }, { groupId, topic: TOPICS.health });
}
