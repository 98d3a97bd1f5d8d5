/** Databases of tests: opened as a process would open them, and as a person with a tool would. */
import { randomBytes } from 'node:crypto';
import type { Db } from 'mongodb';
import { MongoClient } from 'mongodb';
import { systemClock } from '../../clock/system.js';
import type { Store } from '../store.js';
import type { MongoStoreDeps, MongoStoreOptions } from './mongo-store.js';
import { openMongoStore } from './mongo-store.js';

export type TestStoreOptions = Partial<MongoStoreOptions> & Partial<MongoStoreDeps>;

/** The server that tests may use. */
export function testUri(): string {
  const uri = process.env['TEST_MONGODB_URI'];
  if (!uri) throw new Error('expected TEST_MONGODB_URI, the MongoDB server of the tests; npm run test:servers sets it');
  return uri;
}

/** An empty database of a test, and the stores opened on it. */
export function createDatabase(uri = testUri()) {
  const database = `kairos_test_${randomBytes(6).toString('hex')}`;
  const client = new MongoClient(uri);
  const opened: Store[] = [];
  const db: Db = client.db(database);
  const closeAll = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
  };
  return {
    uri,
    database,
    /** As a person with a tool would see it. */
    db,
    client,
    async open({ clock = systemClock, ...options }: TestStoreOptions = {}): Promise<Store> {
      const { retention, log, ...own } = options;
      const deps = { clock, ...(retention && { retention }), ...(log && { log }) };
      const store = await openMongoStore({ uri, database, world: 'SIMULATOR', shards: 1, ...own }, deps);
      opened.push(store);
      return store;
    },
    closeAll,
    /** Closes all stores and removes every document: quicker than making the collections anew. */
    async clear(): Promise<void> {
      await closeAll();
      const collections = await db.collections();
      await Promise.all(collections.map((collection) => collection.deleteMany({})));
    },
    async [Symbol.asyncDispose]() {
      await closeAll();
      await db.dropDatabase();
      await client.close();
    },
  };
}

export type TestDatabase = ReturnType<typeof createDatabase>;
