/** The composition root of the api process: configuration to a running API, and back to nothing when asked to stop. */
import type { Clock, Doors, Log, ReadyMessage, ResolvedFeed } from '@kairos/ports';
import { createLog, isFinal, loadSecrets, openDoors, worldOf } from '@kairos/ports';
import type { Config } from '@kairos/schema';
import { ConfigError, readConfig } from '@kairos/schema';
import { StartRefusedError } from './auth/first-user.js';
import { createLiveWorld } from './live/live-world.js';
import type { ApiOptions } from './server.js';
import { createApi } from './server.js';

export const EXIT = {
  done: 0,
  failed: 1,
  /** Wrong configuration or damaged files: starting again changes nothing. */
  usage: 2,
} as const;

export interface ApiProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Aborts when the process is asked to end. */
  readonly signal: AbortSignal;
  /** Takes a message for people about why it does not start. */
  readonly complain: (message: string) => void;
  /** Told once requests are answered. */
  readonly onReady: (message: ReadyMessage) => void;
  readonly options?: ApiOptions;
  /** Left out: store and bus as the configuration says. */
  readonly openDoors?: typeof openDoors;
}

/** How long a process whose reading hangs may take to end in good order. */
const STUCK_STOP_MS = 2_000;

/** Runs until the signal aborts or something cannot go on; resolves with the exit code. */
export async function runApi(self: ApiProcess): Promise<number> {
  try {
    const config = withFeed(readConfig(self.env));
    const log = createLog({ level: config.LOG_LEVEL, format: config.LOG_FORMAT, name: 'api' });
    return await serve(self, config, log);
  } catch (error) {
    self.complain(error instanceof Error ? error.message : String(error));
    const isUsage = error instanceof ConfigError || error instanceof StartRefusedError;
    return isUsage || isFinal(error) ? EXIT.usage : EXIT.failed;
  }
}

type ConfigWithFeed = Config & { readonly FEED: ResolvedFeed };

/** What `auto` means is found out by whoever starts this process. @throws ConfigError */
function withFeed(config: Config): ConfigWithFeed {
  const { FEED } = config;
  if (FEED.kind !== 'auto') return { ...config, FEED };
  const message = 'expected a feed by name, found auto: start with "npx kairos api", which finds out what it means';
  throw new ConfigError([{ variable: 'FEED', message }]);
}

async function serve(self: ApiProcess, config: ConfigWithFeed, log: Log): Promise<number> {
  const world = await worldOf(config.FEED, { symbols: config.SYMBOLS });
  const secrets = await loadSecrets(config);
  const { clock, signal } = self;
  const stuck = new AbortController();
  const onStuck = (error: Error): void => {
    log.error({ error: error.message }, 'reading from the bus hangs for good: this process ends, to be started again');
    stuck.abort();
  };
  const doors = await (self.openDoors ?? openDoors)(config, world, { clock, log, onStuck });
  const until = AbortSignal.any([signal, stuck.signal]);
  const serving = serveWorld({ ...self, signal: until }, { config, world, secrets, doors, log }).finally(() =>
    doors.close(),
  );
  const givenUp = aborted(stuck.signal).then(() => clock.sleep(STUCK_STOP_MS));
  const exitCode = await Promise.race([serving, givenUp.then(() => EXIT.failed)]);
  return stuck.signal.aborted ? EXIT.failed : exitCode;
}

interface Prepared {
  readonly config: Config;
  readonly world: string;
  readonly secrets: Awaited<ReturnType<typeof loadSecrets>>;
  readonly doors: Doors;
  readonly log: Log;
}

async function serveWorld(self: ApiProcess, prepared: Prepared): Promise<number> {
  const { clock, signal, options } = self;
  const { config, world, secrets, log } = prepared;
  const { bus, store } = prepared.doors;
  const live = createLiveWorld({ bus, store, clock, log }, { world, config });
  const api = createApi({ config, world, bus, store, clock, log, live, secrets }, options);
  try {
    await live.start();
    const { url, hasDefaultPassword } = await api.start();
    log.info({ url, world }, `Kairos is at ${url}`);
    self.onReady({ kind: 'ready', url, username: config.ADMIN_USERNAME, hasDefaultPassword });
    await Promise.race([aborted(signal), live.ended]);
    return signal.aborted ? EXIT.done : EXIT.failed;
  } finally {
    await api.stop();
    await live.stop();
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
