import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createTcpProxy, freePort, startKafka, startMongod } from './index.mjs';
import { checkPair, startPair, statusOf, stopPair } from './pair.mjs';

const USERS = { ann: 'secret-of-ann' };

/** The names of topics, as a client with these options sees them. */
async function topicsBy(options) {
  const admin = new Kafka({
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2_000,
    retry: { retries: 0 },
    ...options,
  }).admin({
    retry: { retries: 0 },
  });
  try {
    await admin.connect();
    return await admin.listTopics();
  } finally {
    await admin.disconnect();
  }
}

async function createTopic(broker, topic) {
  const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic }] });
  await admin.disconnect();
}

describe('a Kafka of a test’s own', () => {
  let kafka;
  let proxy;
  beforeAll(async () => {
    const port = await freePort();
    proxy = await createTcpProxy({ target: `127.0.0.1:${port}` });
    kafka = await startKafka({
      users: USERS,
      listeners: [
        { protocol: 'PLAINTEXT', port, advertised: proxy.address },
        { protocol: 'SASL_PLAINTEXT' },
        { protocol: 'SSL' },
        { protocol: 'SASL_SSL', mechanisms: ['SCRAM-SHA-512'] },
      ],
    });
    await createTopic(kafka.direct, 'sample');
  });
  afterAll(async () => {
    await kafka?.stop();
    await proxy.close();
  });

  const ann = (mechanism) => ({ mechanism, username: 'ann', password: USERS.ann });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])(
    'lets in by %s who knows the password, and nobody else',
    async (mechanism) => {
      const brokers = [kafka.addresses[1]];
      expect(await topicsBy({ brokers, sasl: ann(mechanism) })).toContain('sample');
      await expect(topicsBy({ brokers, sasl: { ...ann(mechanism), password: 'wrong' } })).rejects.toThrow(
        /authentication failed/i,
      );
    },
  );

  it('speaks TLS with its own certificate', async () => {
    const brokers = [kafka.addresses[2]];
    expect(await topicsBy({ brokers, ssl: { ca: [kafka.certificate] } })).toContain('sample');
    await expect(topicsBy({ brokers, ssl: true })).rejects.toThrow('self-signed');
  });

  it('asks for a password over TLS', async () => {
    const brokers = [kafka.addresses[3]];
    const ssl = { ca: [kafka.certificate] };
    expect(await topicsBy({ brokers, ssl, sasl: ann('scram-sha-512') })).toContain('sample');
    await expect(topicsBy({ brokers, ssl, sasl: ann('plain') })).rejects.toThrow(/mechanism/i);
  });

  it('is reached through a proxy only while that is up, and straight at all times', async () => {
    expect(kafka.brokers).toBe(proxy.address);
    proxy.cut();
    await expect(topicsBy({ brokers: [kafka.brokers] })).rejects.toThrow('ECONNRESET');
    expect(await topicsBy({ brokers: [kafka.direct] })).toContain('sample');
    proxy.restore();
    expect(await topicsBy({ brokers: [kafka.brokers] })).toContain('sample');
  });

  it('keeps its topics and places over kill -9 and restart', async () => {
    const { brokers, pid } = kafka;
    await kafka.kill();
    expect(kafka.pid).toBeNull();
    await kafka.restart();
    expect(kafka.pid).not.toBe(pid);
    expect(kafka.brokers).toBe(brokers);
    expect(await topicsBy({ brokers: [brokers] })).toContain('sample');
  });
});

describe('a mongod of a test’s own', () => {
  const newMongod = async (options) => {
    const mongod = await startMongod(options);
    onTestFinished(mongod.stop);
    return mongod;
  };
  const connectTo = async (mongod, options) => {
    const client = await MongoClient.connect(mongod.uri, options);
    onTestFinished(() => client.close());
    return client;
  };

  it('keeps its documents over kill -9 and restart, and takes test commands', async () => {
    const mongod = await newMongod();
    const client = await connectTo(mongod, { retryWrites: false });
    const samples = client.db('sample').collection('samples');
    await samples.insertOne({ _id: 1 }, { writeConcern: { w: 'majority', j: true } });
    await mongod.kill();
    await mongod.restart();
    expect(await samples.countDocuments()).toBe(1);
    await mongod.failCommand({ failCommands: ['insert'], errorCode: 11600 });
    await expect(samples.insertOne({ _id: 2 })).rejects.toMatchObject({ code: 11600 });
    await samples.insertOne({ _id: 2 });
  });

  it('steps down, and is primary again soon', async () => {
    const mongod = await newMongod();
    const straight = await MongoClient.connect(mongod.directUri);
    onTestFinished(() => straight.close());
    const client = await connectTo(mongod);
    await mongod.stepDown();
    expect(await straight.db('admin').command({ hello: 1 })).toMatchObject({ isWritablePrimary: false });
    await client.db('sample').collection('samples').insertOne({ _id: 1 });
  });

  it('stands alone when asked to', async () => {
    const client = await connectTo(await newMongod({ replicaSet: null }));
    expect(await client.db('admin').command({ hello: 1 })).not.toHaveProperty('setName');
  });

  it('is reached through a proxy that its set names', async () => {
    const port = await freePort();
    const proxy = await createTcpProxy({ target: `127.0.0.1:${port}` });
    onTestFinished(proxy.close);
    const mongod = await newMongod({ port, advertised: proxy.address });
    const client = await connectTo(mongod, { serverSelectionTimeoutMS: 1_000 });
    const samples = client.db('sample').collection('samples');
    await samples.insertOne({ _id: 1 });
    proxy.cut();
    await expect(samples.insertOne({ _id: 2 })).rejects.toThrow();
    proxy.restore();
    await samples.insertOne({ _id: 3 });
  });
});

describe('the servers of `npm run servers`', () => {
  it('go on in the background, keep ports and data over a stop, and a killed one is noticed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kairos-pair-'));
    const said = [];
    const say = (line) => said.push(line);
    try {
      const addresses = await startPair(folder, { say });
      await createTopic(addresses.KAFKA_BROKERS, 'kept');
      expect(await startPair(folder, { say })).toEqual(addresses);
      expect(await checkPair(folder)).toMatchObject({ addresses, kafka: { failure: null }, mongod: { failure: null } });

      process.kill(statusOf(folder).kafka.pid, 'SIGKILL');
      await expect.poll(() => statusOf(folder).kafka.isAlive).toBe(false);
      expect((await checkPair(folder)).kafka.failure).toBe('ended without being stopped');
      expect(await startPair(folder, { say })).toEqual(addresses);
      expect(said.join()).toContain('kafka had ended without being stopped');

      expect(await stopPair(folder)).toEqual(['kafka', 'mongod']);
      expect((await checkPair(folder)).mongod.failure).toBe('not running');
      expect(await startPair(folder, { say })).toEqual(addresses);
      expect(await topicsBy({ brokers: [addresses.KAFKA_BROKERS] })).toEqual(['kept']);
      await startPair(folder, { say, isFresh: true });
    } finally {
      await stopPair(folder, { isClean: true });
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
