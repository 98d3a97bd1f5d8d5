/**
 * Kairos's services of docker-compose.yml as Node.js processes of this machine: each with the command, the environment
 * and the health check that stand there, so that what runs here cannot drift from what runs in containers. Only
 * addresses, the folder of data and the port are those of this machine.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../lib/root.mjs';
import { readServices } from './compose-file.mjs';

/** What the image runs (Dockerfile, ENTRYPOINT). */
const KAIROS = `${ROOT}/engine/bin/kairos.mjs`;
const ENTRYPOINT = 'kairos';
const CONTAINER_PORT = '4000';

/**
 * @param composeText docker-compose.yml
 * @param env what stands in .env
 * @param places `kafka` and `mongodb` as host:port, `folder` for data, `port` of the page
 * @returns each service: `name`, `args` of kairos, `environment`, `health` (args of kairos), `graceMs`
 */
export function localServices(composeText, env, places) {
  const services = Object.entries(readServices(composeText, env)).filter(([, { build }]) => build !== undefined);
  return services.map(([name, service]) => ({
    name,
    args: service.command,
    environment: localEnvironment(service.environment, places),
    health: healthArguments(name, service.healthcheck.test),
    graceMs: 1_000 * Number.parseInt(service.stop_grace_period, 10),
  }));
}

function localEnvironment(environment, { kafka, mongodb, folder, port }) {
  const here = (text) => String(text).replace('kafka:9092', kafka).replace('mongodb:27017', mongodb);
  const local = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, here(value)]));
  if (local.PORT !== CONTAINER_PORT) throw new Error(`Expected PORT ${CONTAINER_PORT}, found ${local.PORT}.`);
  return { ...local, DATA_DIR: folder, PORT: String(port) };
}

function healthArguments(name, [kind, program, ...args]) {
  if (kind === 'CMD' && program === ENTRYPOINT) return args;
  throw new Error(`Expected the health check of ${name} to be [CMD, ${ENTRYPOINT}, …], found ${kind} ${program}.`);
}

/** In a folder of its own: the .env of the checkout is not its. */
const spawnKairos = ({ environment }, args, stdio) =>
  spawn(process.execPath, [KAIROS, ...args], {
    cwd: environment.DATA_DIR,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio,
  });

/** A service that ends by itself is started again after this long, as `restart: unless-stopped` has it. */
const RESTART_MS = 500;

/**
 * Starts a service, and starts it again whenever it ends by itself.
 *
 * @param onLine hears each line that it writes
 * @returns `isHealthy()`, and `stop()`: SIGTERM, after its time of grace SIGKILL; resolves with its exit code or signal,
 *   and after how many ms it was gone
 */
export function startService(service, onLine = () => undefined) {
  const stopping = new AbortController();
  let child = null;

  const runOnce = async () => {
    child = spawnKairos(service, service.args, ['ignore', 'pipe', 'pipe']);
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
    const [code, signal] = await once(child, 'exit');
    return code ?? signal;
  };

  const runUntilStopped = async () => {
    for (;;) {
      const outcome = await runOnce();
      if (stopping.signal.aborted) return outcome;
      onLine(`ended by itself with ${outcome}: started again`);
      await sleep(RESTART_MS);
      if (stopping.signal.aborted) return outcome;
    }
  };

  const ended = runUntilStopped();
  return {
    name: service.name,
    isHealthy: () => isHealthy(service),
    async stop() {
      const begun = performance.now();
      stopping.abort();
      child.kill('SIGTERM');
      const overdue = setTimeout(() => child.kill('SIGKILL'), service.graceMs);
      const outcome = await ended;
      clearTimeout(overdue);
      return { outcome, ms: performance.now() - begun };
    },
  };
}

/** Runs a command of kairos as that service would: its exit code, and what it wrote. */
export async function askKairos(service, args) {
  const child = spawnKairos(service, args, ['ignore', 'pipe', 'pipe']);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (text += part));
  const [code] = await once(child, 'close');
  return { code, text };
}

const isHealthy = async (service) => (await askKairos(service, service.health)).code === 0;
