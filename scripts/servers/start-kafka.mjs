/** A Kafka node of a test's own, or of `npm run servers`. */
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { cacheFolder } from './cache.mjs';
import { makeCertificate } from './certificate.mjs';
import { ensureArchive } from './class-archive.mjs';
import { fetchKafka } from './fetch.mjs';
import { newServerFolder } from './folders.mjs';
import { javaArguments } from './java.mjs';
import { kafkaProperties, scramArguments } from './kafka-properties.mjs';
import { freePorts, LOOPBACK } from './ports.mjs';
import { createServerProcess } from './server-process.mjs';
import { runCommand } from './tools.mjs';

const CLUSTER_ID = 'kairos-tests-kafka-1AA';
const READY_MS_MAX = 2_000;

/** Starts a node and resolves when it answers. See index.d.mts for the options and what comes back. */
export async function startKafka(options = {}) {
  return startKafkaFrom({ ...options, java: await javaFor(options) });
}

/** Starts so many nodes of one cluster. See index.d.mts. */
export async function startKafkaCluster(size) {
  const java = await javaFor({});
  const ports = await freePorts(3 * size);
  const places = Array.from({ length: size }, (_, index) => {
    const [direct, controller, port] = ports.slice(3 * index);
    return { direct, controller, port };
  });
  const shared = {
    'controller.quorum.voters': places.map(({ controller }, index) => `${index + 1}@${LOOPBACK}:${controller}`).join(),
    'offsets.topic.replication.factor': size,
    'min.insync.replicas': Math.ceil(size / 2),
  };
  const starts = await Promise.allSettled(
    places.map(({ direct, controller, port }, index) =>
      startKafkaFrom({
        java,
        ports: { direct, controller },
        listeners: [{ protocol: 'PLAINTEXT', port }],
        properties: { ...shared, 'node.id': index + 1 },
      }),
    ),
  );
  const nodes = starts.flatMap(({ value }) => value ?? []);
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  const failed = starts.find(({ status }) => status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return { nodes, brokers: nodes.map(({ brokers }) => brokers), stop, [Symbol.asyncDispose]: stop };
}

/** Arguments of `java`, once everything is there that it needs. */
async function javaFor({ cache = cacheFolder(), say = () => undefined }) {
  const jars = await fetchKafka(cache, say);
  await ensureArchive(jars, startKafkaFrom);
  return javaArguments(jars);
}

/** As `startKafka`, with the arguments of `java` given. */
async function startKafkaFrom(options) {
  const { java, users = {}, isDetached = false } = options;
  const isOwnFolder = options.folder === undefined;
  const folder = options.folder ?? (await newServerFolder('kafka'));
  await mkdir(folder, { recursive: true });
  const { ports, listeners } = await placesOf(options);
  const hasTls = listeners.some(({ protocol }) => protocol.endsWith('SSL'));
  const certificate = hasTls ? await makeCertificate(folder) : null;
  const dataFolder = join(folder, 'data');
  const file = join(folder, 'server.properties');
  await writeFile(file, kafkaProperties({ ...options, dataFolder, ports, listeners, certificate }));
  if (!existsSync(join(dataFolder, 'meta.properties'))) {
    await format(java, [file, ...scramArguments(listeners, users)]);
  }
  const server = createServerProcess({
    name: 'Kafka',
    folder,
    command: 'java',
    args: [...java, 'kafka.Kafka', file],
    checkReady: () => checkKafka(`${LOOPBACK}:${ports.direct}`),
    isDetached,
  });
  try {
    await server.start();
  } catch (error) {
    if (isOwnFolder) await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return handleOf({ server, ports, listeners, certificate, isOwnFolder });
}

/** Gives every listener a name, a port and the address that clients are told. */
async function placesOf({ ports: named = {}, listeners: wanted = [{ protocol: 'PLAINTEXT' }] }) {
  const [direct, controller, ...free] = await freePorts(2 + wanted.length);
  const listeners = wanted.map((listener, index) => {
    const port = listener.port ?? free[index];
    return { name: `CLIENT_${index}`, advertised: `${LOOPBACK}:${port}`, ...listener, port };
  });
  return { ports: { direct: named.direct ?? direct, controller: named.controller ?? controller }, listeners };
}

const format = (java, [file, ...scram]) =>
  runCommand('java', [...java, 'kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', file, ...scram]);

function handleOf({ server, ports, listeners, certificate, isOwnFolder }) {
  const addresses = listeners.map(({ advertised }) => advertised);
  const stop = async () => {
    await server.stop();
    if (isOwnFolder) await rm(server.folder, { recursive: true, force: true });
  };
  return {
    brokers: addresses[0],
    addresses,
    direct: `${LOOPBACK}:${ports.direct}`,
    ports: { ...ports, listeners: listeners.map(({ port }) => port) },
    folder: server.folder,
    certificate: certificate?.certificate ?? null,
    certificateFile: certificate?.certificateFile ?? null,
    get pid() {
      return server.pid;
    },
    kill: server.kill,
    async restart() {
      await server.stop();
      await server.start();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Resolves when the node at the address answers as controller and broker. @throws Error when it does not */
export async function checkKafka(address) {
  const retry = { retries: 0 };
  const options = { connectionTimeout: READY_MS_MAX, requestTimeout: READY_MS_MAX, retry };
  const kafka = new Kafka({ brokers: [address], clientId: 'kairos-servers', logLevel: logLevel.NOTHING, ...options });
  const admin = kafka.admin({ retry });
  try {
    await admin.connect();
    const { brokers, controller } = await admin.describeCluster();
    if (brokers.length === 0 || controller === null) throw new Error('no broker is registered yet');
    await admin.listTopics();
  } finally {
    await admin.disconnect();
  }
}
