/**
 * `npm run compose:local`: what docker-compose.yml describes, without Docker: a Kafka and a mongod of its own, and each
 * service as a process. Ctrl-C ends all of it; its data go with it.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../lib/build.mjs';
import { ensureInstalled } from '../lib/install.mjs';
import { requireNode } from '../lib/node-version.mjs';
import { ROOT } from '../lib/root.mjs';
import { requiredVariables } from './compose-file.mjs';

const HELP = `npm run compose:local -- [options]

  --feed <feed>     FEED of all services (default simulator; other variables come from the environment)
  --port <port>     of the page (default 4000)
  --traders <count> like docker compose up --scale trader=<count> (default 1)
  --help`;

const OPTIONS = {
  feed: { type: 'string', default: 'simulator' },
  port: { type: 'string', default: '4000' },
  traders: { type: 'string', default: '1' },
  help: { type: 'boolean', default: false },
};

requireNode();
const { values: options } = parseArgs({ options: OPTIONS });
if (options.help) console.log(HELP);
else await runAll();

async function runAll() {
  await ensureInstalled();
  await ensureBuilt();
  const { startKafka, startMongod } = await import('../servers/index.mjs');
  const folder = await mkdtemp(join(tmpdir(), 'kairos-compose-'));
  const servers = [];
  const begin = async (start) => {
    const server = await start({ say: console.log });
    servers.push(server);
    return server;
  };
  try {
    const [kafka, mongod] = await Promise.all([begin(startKafka), begin(startMongod)]);
    await runServices({ folder, kafka, mongod });
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function runServices({ folder, kafka, mongod }) {
  const { localServices, startService } = await import('./local-services.mjs');
  const { makeUser } = await import('./mongodb-user-local.mjs');
  const composeText = await readFile(`${ROOT}/docker-compose.yml`, 'utf8');
  const made = requiredVariables(composeText).map((name) => [name, randomBytes(12).toString('hex')]);
  const env = { ...Object.fromEntries(made), ...process.env, FEED: options.feed };
  await makeUser(mongod.uri, env.MONGODB_PASSWORD);
  const data = join(folder, 'data');
  await mkdir(data);
  const places = { kafka: kafka.brokers, mongodb: `127.0.0.1:${mongod.port}`, folder: data, port: options.port };
  const services = localServices(composeText, env, places);
  const traders = services.filter(({ name }) => name === 'trader');
  const more = Array.from({ length: Number(options.traders) - 1 }, () => traders[0]);
  const running = [...services, ...more].map((service) =>
    startService(service, (line) => console.log(`${service.name.padEnd(9)} | ${line}`)),
  );
  console.log(`http://localhost:${options.port}/, admin, password ${env.ADMIN_PASSWORD}. Ctrl-C ends it.`);
  await Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal)));
  await Promise.all(running.map((service) => service.stop()));
}
