/** The services of docker-compose.yml on a real Kafka and a real MongoDB: the whole way from a price to the page. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../lib/build.mjs';
import { ROOT } from '../lib/root.mjs';
import { freePort, startKafka, startMongod } from '../servers/index.mjs';
import { askKairos, localServices, startService } from './local-services.mjs';
import { makeUser } from './mongodb-user-local.mjs';

const PATIENCE_MS = 120_000;
/** Of a test that waits. */
const TIMEOUT = { timeout: 3 * PATIENCE_MS };
const STOP_MS_MAX = 10_000;
const ENV = {
  MONGODB_PASSWORD: 'a1b2c3d4e5f6a7b8',
  MONGODB_ROOT_PASSWORD: 'not asked for here',
  ADMIN_PASSWORD: 'correct horse battery',
  JWT_SECRET: 'forty characters that nobody else knows!',
  FEED: 'simulator',
  FEED_SPEED: '600',
};

const running = [];
const servers = [];
let folder = '';
let port = 0;
let services = [];
let token = '';

/** The newest lines of each service, to be told when something fails. */
const said = new Map();
const lastWords = () => [...said].map(([name, lines]) => `${name}:\n${lines.slice(-8).join('\n')}`).join('\n');

async function eventually(what, look) {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline)
      throw new Error(`expected ${typeof what === 'string' ? what : what()}\n${lastWords()}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function start(name) {
  const lines = said.get(name) ?? [];
  said.set(name, lines);
  const service = startService(
    services.find((one) => one.name === name),
    (line) => lines.push(line),
  );
  running.push(service);
  return service;
}

async function ask(query) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(`http://localhost:${port}/graphql`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ query }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

beforeAll(async () => {
  await ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'kairos-compose-'));
  const data = join(folder, 'data');
  mkdirSync(data);
  const [kafka, mongod] = await Promise.all([startKafka(), startMongod()]);
  servers.push(kafka, mongod);
  await makeUser(mongod.uri, ENV.MONGODB_PASSWORD);
  port = await freePort();
  const places = { kafka: kafka.brokers, mongodb: `127.0.0.1:${mongod.port}`, folder: data, port };
  services = localServices(readFileSync(`${ROOT}/docker-compose.yml`, 'utf8'), ENV, places);
  for (const { name } of services) start(name);
}, 240_000);

afterAll(async () => {
  await Promise.all(running.map((service) => service.stop()));
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
});

describe('docker-compose.yml without Docker', () => {
  it('runs feed, predictor, trader and api, and each becomes healthy', TIMEOUT, async () => {
    expect(running.map(({ name }) => name)).toEqual(['feed', 'predictor', 'trader', 'api']);
    for (const service of running) await eventually(`${service.name} to be healthy`, () => service.isHealthy());
  });

  it('lets the administrator in with the password of .env', async () => {
    const { login } = await ask(
      `mutation { login(username: "admin", password: ${JSON.stringify(ENV.ADMIN_PASSWORD)}) { accessToken } }`,
    );
    token = login.accessToken;
    expect(token).not.toBe('');
  });

  it('trades, and shows its trades', TIMEOUT, async () => {
    await eventually('a trade', async () => (await ask('{ trades(first: 1) { totalCount } }')).trades.totalCount > 0);
    const { system } = await ask('{ system { feed healthy } }');
    expect(system).toEqual({ feed: 'SIMULATOR', healthy: true });
  });

  it('is all well, says kairos doctor', TIMEOUT, async () => {
    const api = services.find(({ name }) => name === 'api');
    await eventually(
      () => `kairos doctor to find nothing wrong, found:\n${said.get('doctor')?.join('')}`,
      async () => {
        const { code, text } = await askKairos(api, ['doctor']);
        said.set('doctor', [text]);
        return code === 0;
      },
    );
  });

  it('takes a second trader', TIMEOUT, async () => {
    const second = start('trader');
    const trader = services.find(({ name }) => name === 'trader');
    await eventually('two traders', async () =>
      (await askKairos(trader, ['doctor', '--role', 'trader'])).text.startsWith('ok     trader: 2 alive'),
    );
    expect(await second.isHealthy()).toBe(true);
    const { components } = (await ask('{ system { components { name healthy } } }')).system;
    expect(components.filter(({ healthy }) => !healthy)).toEqual([]);
  });

  it('stops everything when the button is pressed', TIMEOUT, async () => {
    const { panicStop } = await ask('mutation { panicStop(reason: "test") { id } }');
    const command = `{ command(id: ${JSON.stringify(panicStop.id)}) { status } }`;
    await eventually('the panic to be done', async () => (await ask(command)).command.status === 'DONE');
    const { me } = await ask('{ me { accounts { status } } }');
    expect(me.accounts.map(({ status }) => status)).toEqual(['STOPPED']);
    expect((await ask('{ positions { id } }')).positions).toEqual([]);
  });

  it('ends every service within 10 s of SIGTERM, with exit code 0', TIMEOUT, async () => {
    const ends = await Promise.all(running.map(async (service) => [service.name, await service.stop()]));
    for (const [name, { outcome, ms }] of ends) {
      expect({ name, outcome }, lastWords()).toEqual({ name, outcome: 0 });
      expect(ms, name).toBeLessThan(STOP_MS_MAX);
    }
  });
});
