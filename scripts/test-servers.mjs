/**
 * `npm run test:servers`: installs and fetches what is missing, starts a Kafka and a mongod of its own, bundles what tests
 * start as processes (TEST_KAIROS_PROGRAM), and runs every test that needs them. Arguments go to vitest. Whatever happens,
 * no server is left behind.
 *
 * With TEST_KAFKA_BROKERS and TEST_MONGODB_URI set it uses those; tests that kill servers start their own all the same.
 */
import { ensureInstalled } from './lib/install.mjs';
import { requireNode } from './lib/node-version.mjs';
import { binOf, run } from './lib/run.mjs';

requireNode();
await ensureInstalled();
const { newServerFolder, sweep } = await import('./servers/folders.mjs');
const { bundleProgram } = await import('./servers/bundle-program.mjs');

const folder = await newServerFolder('tests');
let program = null;
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => ending.abort(new Error(`ended by ${signal}`)));
}
try {
  program = await bundleProgram();
  const servers = await addresses();
  const args = [binOf('vitest/vitest.mjs'), 'run', '--config', 'vitest.servers.config.ts', ...process.argv.slice(2)];
  const env = { ...servers, TEST_SERVERS_FOLDER: folder, TEST_KAIROS_PROGRAM: program.file };
  process.exitCode = await run(process.execPath, args, env, ending.signal);
} catch (error) {
  const { message } = ending.signal.aborted ? ending.signal.reason : error;
  console.error(`The tests on real servers could not be run to their end: ${message}`);
  process.exitCode = 1;
} finally {
  await program?.remove();
  await sweep(folder);
}

async function addresses() {
  const { TEST_KAFKA_BROKERS, TEST_MONGODB_URI } = process.env;
  if (TEST_KAFKA_BROKERS && TEST_MONGODB_URI) return { TEST_KAFKA_BROKERS, TEST_MONGODB_URI };
  const { startKafka, startMongod } = await import('./servers/index.mjs');
  const say = console.log;
  const [kafka, mongod] = await Promise.all([
    startKafka({ folder: `${folder}/kafka`, say }),
    startMongod({ folder: `${folder}/mongod`, say }),
  ]);
  return { TEST_KAFKA_BROKERS: kafka.brokers, TEST_MONGODB_URI: mongod.uri };
}
