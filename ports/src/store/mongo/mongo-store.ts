/**
 * The store on a MongoDB server, stand-alone, replica set or Atlas: one database per world.
 *
 * - A commit is one insert into `journal`, acknowledged by the majority and on disk. It is the fence, too: no lease and
 *   no transaction is needed anywhere.
 * - The read models follow soon after, never before; what a crash leaves out is made up for from the journal.
 * - Collections, validators and indexes are made at the start where they are missing.
 */
import type { World } from '@kairos/schema';
import { project } from '../projection.js';
import type { Retention } from '../retention.js';
import { RETENTION } from '../retention.js';
import type { OpenApp, Store } from '../store.js';
import { APP_COLLECTIONS } from './app-documents.js';
import { applyChanges } from './apply-changes.js';
import type { Connection, MongoDeps, MongoOptions } from './connection.js';
import { openConnection, ping } from './connection.js';
import { guarded } from './guarded.js';
import { createMongoAppStore } from './mongo-app-store.js';
import { createMongoJournal, readStored } from './mongo-journal.js';
import { createMongoReadModels } from './mongo-read-models.js';
import type { Projector } from './projector.js';
import { createProjector } from './projector.js';
import { createSeries } from './series.js';
import { setUp } from './set-up.js';
import { claimWorld } from './world.js';
import type { WorldTables } from './world-tables.js';
import { WORLD_COLLECTIONS, worldTables } from './world-tables.js';

export type { MongoDeps, MongoOptions } from './connection.js';

export interface MongoStoreOptions extends MongoOptions {
  /** The database holds this world alone: stored at the first start. */
  readonly world: World;
  /** Partitions of the bus, stored at the first start: shards that accounts fall into. */
  readonly shards: number;
}

export interface MongoStoreDeps extends MongoDeps {
  /** How much of what only draws charts is kept. */
  readonly retention?: Retention;
}

/**
 * Opens the store of a world.
 *
 * @throws PortError INVALID when the connection string or login is wrong, or the database holds another world, another
 *   number of shards or a newer version; UNAVAILABLE when no server answers for OPEN_PATIENCE_MS.
 */
export async function openMongoStore(options: MongoStoreOptions, deps: MongoStoreDeps): Promise<Store> {
  const connection = await openConnection(options, deps, async (fresh) => {
    await setUp(fresh, [...WORLD_COLLECTIONS, ...APP_COLLECTIONS], deps);
    await claimWorld(fresh, options, deps.clock);
  });
  return storeOf(connection, options.shards, deps);
}

/** Opens users, sessions and what else belongs to no world. @throws PortError, as `openMongoStore` */
export async function openMongoApp(options: MongoOptions, deps: MongoDeps): Promise<OpenApp> {
  const connection = await openConnection(options, deps, (fresh) => setUp(fresh, APP_COLLECTIONS, deps));
  return { app: createMongoAppStore(connection), close: () => connection.close() };
}

function storeOf(connection: Connection, shards: number, deps: MongoStoreDeps): Store {
  const tables = worldTables(connection);
  const projectors = createProjectors({ connection, tables }, deps);
  return {
    shards,
    journal: guarded('journal', createMongoJournal({ connection, tables, projectorOf: projectors.of, log: deps.log })),
    // Who has committed reads what was committed: its own reads wait for the read models, for a bounded time.
    readModels: guarded('readModels', createMongoReadModels({ tables, shards }), projectors.settled),
    app: createMongoAppStore(connection),
    ping: () => ping(connection),
    async close() {
      await projectors.stop();
      await connection.close();
    },
  };
}

interface Projectors {
  of(shard: number): Projector;
  settled(): Promise<void>;
  stop(): Promise<void>;
}

interface ProjectorsDeps {
  readonly connection: Connection;
  readonly tables: WorldTables;
}

function createProjectors({ connection, tables }: ProjectorsDeps, deps: MongoStoreDeps): Projectors {
  const { clock, log, retention = RETENTION } = deps;
  const series = createSeries({ tables, retention });
  const projectors = new Map<number, Projector>();
  const make = (shard: number): Projector =>
    createProjector({
      shard,
      clock,
      log,
      async progress() {
        const found = await tables.progress.findOne({ filter: { _id: shard } });
        return Number(found?.['entry'] ?? 0);
      },
      async read(afterEntry, limit) {
        const entries = await readStored({ connection, tables }, shard, { afterEntry, limit });
        return entries.map(({ entry, rows }) => project(entry, rows));
      },
      apply: (batch) => applyChanges({ tables, series }, batch),
    });
  const all = () => [...projectors.values()];
  return {
    of(shard) {
      const projector = projectors.get(shard) ?? make(shard);
      projectors.set(shard, projector);
      return projector;
    },
    settled: async () => void (await Promise.all(all().map((projector) => projector.settled()))),
    stop: async () => void (await Promise.all(all().map((projector) => projector.stop()))),
  };
}
