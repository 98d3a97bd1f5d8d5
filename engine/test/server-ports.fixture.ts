/** Bus and store on the servers of the tests, apart from everybody else's there and gone afterwards. */
import { randomBytes } from 'node:crypto';
import { createLockOwnership, openKafkaBus, openMongoStore, systemClock } from '@kairos/ports';
import { createMemoryLocks } from '@kairos/ports/testing';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';
import type { OpenPorts } from './in-process.fixture.js';

/** A server that tests may use. @throws Error that says how to have one */
export function serverOf(name: 'TEST_KAFKA_BROKERS' | 'TEST_MONGODB_URI'): string {
  const value = process.env[name];
  if (!value) throw new Error(`expected ${name}, found nothing; npm run test:servers sets it`);
  return value;
}

/** Kafka and MongoDB: as many shards as partitions, all of them this process's own. */
export const serverPorts: OpenPorts = async ({ config, world }) => {
  const name = `kairos_test_${randomBytes(6).toString('hex')}`;
  const [brokers, uri] = [serverOf('TEST_KAFKA_BROKERS').split(','), serverOf('TEST_MONGODB_URI')];
  const partitions = config.KAFKA_PARTITIONS;
  const deps = { clock: systemClock };
  const topicPrefix = `${name}.`;
  const bus = await openKafkaBus({ brokers, partitions, replication: 1, topicPrefix }, deps);
  const store = await openMongoStore({ uri, database: name, world, shards: partitions }, deps);
  return {
    bus,
    store,
    ownership: createLockOwnership({ lock: createMemoryLocks().lock('trader'), clock: systemClock }, store.shards),
    async close() {
      await bus.close();
      await store.close();
      await dropTopics(brokers, topicPrefix);
      await dropDatabase(uri, name);
    },
  };
};

export async function dropTopics(brokers: string[], prefix: string): Promise<void> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
  await admin.deleteTopics({ topics });
  await admin.disconnect();
}

export async function dropDatabase(uri: string, name: string): Promise<void> {
  const client = new MongoClient(uri);
  await client.db(name).dropDatabase();
  await client.close();
}
