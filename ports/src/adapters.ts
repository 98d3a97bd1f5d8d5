/**
 * The adapters behind the ports, each loaded when it is first opened: a process pays for the drivers that it uses, and a
 * start is quick.
 */
import type { Bus } from './bus/bus.js';
import type { KafkaBusDeps, KafkaBusOptions } from './bus/kafka/open-kafka-bus.js';
import type { LocalBusDeps, LocalBusOptions } from './bus/local/open-local-bus.js';
import type { Clock } from './clock/clock.js';
import type { FileLockOptions } from './lock/local/file-lock.js';
import type { Lock } from './lock/lock.js';
import type { MongoDeps, MongoOptions, MongoStoreDeps, MongoStoreOptions } from './store/mongo/mongo-store.js';
import type { SqliteFiles, SqliteStoreDeps } from './store/sqlite/sqlite-store.js';
import type { OpenApp, Store } from './store/store.js';

export type { KafkaBusDeps, KafkaBusOptions } from './bus/kafka/open-kafka-bus.js';
export type { LocalBusDeps, LocalBusOptions } from './bus/local/open-local-bus.js';
export type { FileLockOptions } from './lock/local/file-lock.js';
export type { MongoDeps, MongoOptions, MongoStoreDeps, MongoStoreOptions } from './store/mongo/mongo-store.js';
export type { SqliteFiles, SqliteStoreDeps } from './store/sqlite/sqlite-store.js';

/** See bus/kafka/open-kafka-bus.ts. */
export async function openKafkaBus(options: KafkaBusOptions, deps: KafkaBusDeps): Promise<Bus> {
  const adapter = await import('./bus/kafka/open-kafka-bus.js');
  return adapter.openKafkaBus(options, deps);
}

/** See bus/local/open-local-bus.ts. */
export async function openLocalBus(options: LocalBusOptions, deps: LocalBusDeps): Promise<Bus> {
  const adapter = await import('./bus/local/open-local-bus.js');
  return adapter.openLocalBus(options, deps);
}

/** See store/mongo/mongo-store.ts. */
export async function openMongoStore(options: MongoStoreOptions, deps: MongoStoreDeps): Promise<Store> {
  const adapter = await import('./store/mongo/mongo-store.js');
  return adapter.openMongoStore(options, deps);
}

/** See store/mongo/mongo-store.ts. */
export async function openMongoApp(options: MongoOptions, deps: MongoDeps): Promise<OpenApp> {
  const adapter = await import('./store/mongo/mongo-store.js');
  return adapter.openMongoApp(options, deps);
}

/** See store/sqlite/sqlite-store.ts. */
export async function openSqliteStore(files: SqliteFiles, deps: SqliteStoreDeps): Promise<Store> {
  const adapter = await import('./store/sqlite/sqlite-store.js');
  return adapter.openSqliteStore(files, deps);
}

/** See store/sqlite/sqlite-store.ts. */
export async function openSqliteApp(appFile: string, deps: SqliteStoreDeps): Promise<OpenApp> {
  const adapter = await import('./store/sqlite/sqlite-store.js');
  return adapter.openSqliteApp(appFile, deps);
}

/** See lock/local/file-lock.ts. */
export function createFileLock(options: FileLockOptions, deps: { readonly clock: Clock }): Lock {
  let made: Promise<Lock> | null = null;
  const make = async (): Promise<Lock> => {
    const adapter = await import('./lock/local/file-lock.js');
    return adapter.createFileLock(options, deps);
  };
  return {
    async acquire(asks) {
      made ??= make();
      return (await made).acquire(asks);
    },
  };
}
