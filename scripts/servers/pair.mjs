/**
 * The Kafka and the mongod of `npm run servers`: one of each in a folder, going on in the background, with the ports of
 * their last start where these are free.
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../lib/root.mjs';
import { freePorts, isFree, LOOPBACK } from './ports.mjs';
import { attachServer, readPid } from './server-process.mjs';
import { checkKafka, startKafka } from './start-kafka.mjs';
import { checkMongod, startMongod, uriOf } from './start-mongod.mjs';

/** Where they keep their files when nothing else is named. */
export const DEFAULT_FOLDER = join(ROOT, '.cache', 'servers-data');
export const REPLICA_SET = 'rs0';
const PORTS_FILE = 'ports.json';
const PORT_NAMES = ['kafka', 'direct', 'controller', 'mongodb'];

/** What tests and `.env` need to know. */
export const addressesOf = ({ kafka, mongodb }) => ({
  KAFKA_BROKERS: `${LOOPBACK}:${kafka}`,
  MONGODB_URI: uriOf({ port: mongodb, replicaSet: REPLICA_SET }),
});

/** Starts what does not run. @returns the addresses. */
export async function startPair(folder, { named = {}, say, isFresh = false }) {
  if (isFresh) await stopPair(folder, { isClean: true });
  const running = statusOf(folder);
  await mkdir(folder, { recursive: true });
  const ports = await portsFor(folder, named, running);
  await writeFile(join(folder, PORTS_FILE), JSON.stringify(ports));
  const outcomes = await Promise.allSettled([
    startOne('kafka', { folder, ports, say }),
    startOne('mongod', { folder, ports, say }),
  ]);
  const failed = outcomes.find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
  return addressesOf(ports);
}

const STARTS = {
  kafka: (folder, ports, say) =>
    startKafka({ folder, say, isDetached: true, ports, listeners: [{ protocol: 'PLAINTEXT', port: ports.kafka }] }),
  mongod: (folder, ports, say) =>
    startMongod({ folder, say, isDetached: true, port: ports.mongodb, replicaSet: REPLICA_SET }),
};

async function startOne(name, { folder, ports, say }) {
  const own = join(folder, name);
  const found = readPid(own);
  if (found?.isAlive) return;
  if (found) say(`${name} had ended without being stopped (process ${found.pid} is gone): starting it again.`);
  await STARTS[name](own, ports, say);
}

/** Named ones, else those of the last start where they are still free or its servers still run, else free ones. */
async function portsFor(folder, named, running) {
  const last = readPorts(folder) ?? {};
  const free = await freePorts(PORT_NAMES.length);
  const ports = {};
  for (const [index, name] of PORT_NAMES.entries()) {
    const isRunning = running[name === 'mongodb' ? 'mongod' : 'kafka'].isAlive;
    const keep = last[name] !== undefined && (isRunning || (await isFree(last[name])));
    if (isRunning && named[name] !== undefined && named[name] !== last[name]) {
      throw new Error(
        `Expected no server to run, to start one on port ${named[name]}; found one on ${last[name]}. Stop it first.`,
      );
    }
    ports[name] = named[name] ?? (keep ? last[name] : free[index]);
  }
  return ports;
}

function readPorts(folder) {
  const file = join(folder, PORTS_FILE);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

/** Both by name: `{ pid, isAlive }`, pid null where it never ran or was stopped. */
export function statusOf(folder) {
  const of = (name) => readPid(join(folder, name)) ?? { pid: null, isAlive: false };
  return { kafka: of('kafka'), mongod: of('mongod') };
}

/** As `statusOf`, having really asked each that lives; `failure` says why one does not answer. */
export async function checkPair(folder) {
  const ports = readPorts(folder);
  const status = statusOf(folder);
  const ask = async (name, check) => {
    if (!status[name].isAlive)
      return { ...status[name], failure: status[name].pid === null ? 'not running' : 'ended without being stopped' };
    try {
      await check();
      return { ...status[name], failure: null };
    } catch (error) {
      return { ...status[name], failure: error.message };
    }
  };
  return {
    addresses: ports && addressesOf(ports),
    kafka: await ask('kafka', () => checkKafka(`${LOOPBACK}:${ports.kafka}`)),
    mongod: await ask('mongod', () => checkMongod({ port: ports.mongodb, replicaSet: REPLICA_SET })),
  };
}

/** Stops both; with `isClean` their data goes too. @returns the names of those that ran. */
export async function stopPair(folder, { isClean = false } = {}) {
  const names = ['kafka', 'mongod'].filter((name) => readPid(join(folder, name))?.isAlive);
  await Promise.all(['kafka', 'mongod'].map((name) => attachServer(name, join(folder, name)).stop()));
  if (isClean) await rm(folder, { recursive: true, force: true });
  return names;
}
