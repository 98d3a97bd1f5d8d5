import { afterAll, beforeAll, describe } from 'vitest';
import type { MongodServer } from '../../../../scripts/servers/index.mjs';
import { startMongod } from '../../../../scripts/servers/index.mjs';
import { storeContract } from '../store.contract.js';
import type { TestDatabase } from './test-database.contract.js';
import { createDatabase } from './test-database.contract.js';

/** Every test finds the database empty. */
function contractOn(name: string, databaseOf: () => TestDatabase): void {
  storeContract(name, async (options = {}) => ({
    connect: () => databaseOf().open(options),
    [Symbol.asyncDispose]: () => databaseOf().clear(),
  }));
}

describe('on a replica set', () => {
  let database: TestDatabase;
  beforeAll(() => {
    database = createDatabase();
  });
  afterAll(() => database[Symbol.asyncDispose]());
  contractOn('mongo', () => database);
});

describe('on a stand-alone server', () => {
  let server: MongodServer;
  let database: TestDatabase;
  beforeAll(async () => {
    server = await startMongod({ replicaSet: null });
    database = createDatabase(server.uri);
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
    await server.stop();
  });
  contractOn('mongo', () => database);
});
