/** A mongod of a test's own, or of `npm run servers`: stand-alone, or a replica set of one that knows test commands. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { cacheFolder } from './cache.mjs';
import { fetchMongod } from './fetch.mjs';
import { newServerFolder } from './folders.mjs';
import { freePort, LOOPBACK } from './ports.mjs';
import { createServerProcess } from './server-process.mjs';

const READY_MS_MAX = 2_000;
const CACHE_GB = '0.25';
const NOT_INITIATED = 94;
const ALREADY_INITIATED = 23;
const STEPPED_DOWN_SECONDS = 1;

/** Starts a mongod and resolves when it takes writes. See index.d.mts for the options and what comes back. */
export async function startMongod(options = {}) {
  const program = await fetchMongod(options.cache ?? cacheFolder(), options.say ?? (() => undefined));
  const replicaSet = options.replicaSet === undefined ? 'rs0' : options.replicaSet;
  const isOwnFolder = options.folder === undefined;
  const folder = options.folder ?? (await newServerFolder('mongod'));
  const dataFolder = join(folder, 'data');
  await mkdir(dataFolder, { recursive: true });
  const place = { port: options.port ?? (await freePort()), replicaSet, advertised: options.advertised };
  const server = createServerProcess({
    name: 'mongod',
    folder,
    command: program,
    args: [...mongodArguments(dataFolder, place), ...(options.args ?? [])],
    checkReady: () => checkMongod(place),
    isDetached: options.isDetached ?? false,
  });
  const stop = async () => {
    await server.stop();
    if (isOwnFolder) await rm(folder, { recursive: true, force: true });
  };
  try {
    await server.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return handleOf({ server, place, stop });
}

export function mongodArguments(dataFolder, { port, replicaSet }) {
  return [
    ...['--dbpath', dataFolder, '--bind_ip', LOOPBACK, '--port', String(port), '--nounixsocket', '--quiet'],
    ...['--wiredTigerCacheSizeGB', CACHE_GB, '--setParameter', 'diagnosticDataCollectionEnabled=false'],
    // Without waiting for somebody else to become primary before it ends.
    ...['--setParameter', 'enableTestCommands=1', '--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=0'],
    ...(replicaSet === null ? [] : ['--replSet', replicaSet]),
  ];
}

/** How clients reach it: as a set they go where the set says; otherwise straight. */
export const uriOf = ({ port, replicaSet, advertised }) => {
  const address = advertised ?? `${LOOPBACK}:${port}`;
  return replicaSet === null
    ? `mongodb://${address}/?directConnection=true`
    : `mongodb://${address}/?replicaSet=${replicaSet}`;
};

const directUriOf = ({ port }) => `mongodb://${LOOPBACK}:${port}/?directConnection=true`;

function handleOf({ server, place, stop }) {
  return {
    uri: uriOf(place),
    directUri: directUriOf(place),
    port: place.port,
    folder: server.folder,
    get pid() {
      return server.pid;
    },
    kill: server.kill,
    async restart() {
      await server.stop();
      await server.start();
    },
    stepDown: () => withClient(place, (client) => stepDown(client.db('admin'))),
    failCommand: (data, mode = { times: 1 }) => withClient(place, (client) => failCommand(client, data, mode)),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Gives up being primary; a set of one elects it again after a second. */
const stepDown = (admin) =>
  admin.command({ replSetStepDown: STEPPED_DOWN_SECONDS, secondaryCatchUpPeriodSecs: 0, force: true });

/** How often the fail point has struck since the server was started. */
async function failCommand(client, data, mode) {
  const { count } = await client.db('admin').command({ configureFailPoint: 'failCommand', mode, data });
  return count;
}

/** Resolves when it takes writes; initiates a new set. @throws Error when it does not answer, or takes none yet */
export async function checkMongod(place) {
  await withClient(place, async (client) => {
    const admin = client.db('admin');
    await admin.command({ ping: 1 });
    const hello = await admin.command({ hello: 1 });
    if (hello.isWritablePrimary) return;
    if (place.replicaSet !== null) await initiateOnce(admin, place);
    throw new Error('it is not primary yet');
  });
}

async function initiateOnce(admin, { replicaSet, port, advertised }) {
  try {
    await admin.command({ replSetGetStatus: 1 });
  } catch (error) {
    if (error.code !== NOT_INITIATED) throw error;
    await initiate(admin, { _id: replicaSet, members: [{ _id: 0, host: advertised ?? `${LOOPBACK}:${port}` }] });
  }
}

async function initiate(admin, config) {
  try {
    await admin.command({ replSetInitiate: config });
  } catch (error) {
    if (error.code !== ALREADY_INITIATED) throw error;
  }
}

async function withClient(place, use) {
  const limits = { serverSelectionTimeoutMS: READY_MS_MAX, connectTimeoutMS: READY_MS_MAX };
  const client = new MongoClient(directUriOf(place), limits);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}
