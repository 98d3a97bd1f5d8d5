/** `npm run servers`: a real Kafka and a real MongoDB for development, without Docker. */
import { parseArgs } from 'node:util';
import { ensureInstalled } from './lib/install.mjs';
import { requireNode } from './lib/node-version.mjs';

const HELP = `npm run servers -- [start | stop | status] [options]

  start    fetches Kafka and MongoDB if need be, starts them, prints their addresses (default)
  stop     stops them and keeps their data
  status   says whether they answer; exit code 1 when one does not

  --fresh               start: throw the data away first
  --clean               stop: throw the data away
  --kafka-port <port>   default: that of the last start, else a free one
  --mongodb-port <port> likewise
  --folder <path>       of their data; default .cache/servers-data
  --help

KAIROS_SERVERS_CACHE is the folder of the fetched programs (default .cache/servers). Needs Java, Maven and Python
with pip. Exit code 0 done, 1 failed, 2 wrong usage.`;

const OPTIONS = {
  fresh: { type: 'boolean', default: false },
  clean: { type: 'boolean', default: false },
  'kafka-port': { type: 'string' },
  'mongodb-port': { type: 'string' },
  folder: { type: 'string' },
  help: { type: 'boolean', default: false },
};

requireNode();
const { verb, options } = readArguments();
if (options.help) {
  console.log(HELP);
} else {
  await ensureInstalled();
  const { startPair, stopPair, checkPair, DEFAULT_FOLDER } = await import('./servers/pair.mjs');
  const { resolve } = await import('node:path');
  const folder = resolve(options.folder ?? DEFAULT_FOLDER);
  const verbs = {
    start: () => start(startPair, folder),
    stop: () => stop(stopPair, folder),
    status: () => status(checkPair, folder),
  };
  try {
    await verbs[verb]();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

async function start(startPair, folder) {
  const named = { kafka: options['kafka-port'], mongodb: options['mongodb-port'] };
  const addresses = await startPair(folder, { named, isFresh: options.fresh, say: console.log });
  for (const [name, value] of Object.entries(addresses)) console.log(`${name}=${value}`);
}

async function stop(stopPair, folder) {
  const stopped = await stopPair(folder, { isClean: options.clean });
  console.log(stopped.length === 0 ? 'Neither Kafka nor mongod was running.' : `Stopped ${stopped.join(' and ')}.`);
}

async function status(checkPair, folder) {
  const { addresses, ...servers } = await checkPair(folder);
  for (const [name, { pid, failure }] of Object.entries(servers)) {
    console.log(`${name}: ${failure === null ? `answers (process ${pid})` : failure}`);
    if (failure !== null) process.exitCode = 1;
  }
  for (const [name, value] of Object.entries(addresses ?? {})) console.log(`${name}=${value}`);
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
    const [given = 'start', ...more] = positionals;
    if (!['start', 'stop', 'status'].includes(given) || more.length > 0) {
      throw new Error(`Expected start, stop or status, found: ${positionals.join(' ')}`);
    }
    const ports = { 'kafka-port': portOf(values, 'kafka-port'), 'mongodb-port': portOf(values, 'mongodb-port') };
    return { verb: given, options: { ...values, ...ports } };
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`);
    process.exit(2);
  }
}

function portOf(values, name) {
  const text = values[name];
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`--${name}: expected 1 to 65535, found ${text}`);
  return port;
}
