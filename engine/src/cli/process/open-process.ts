/** What every process of the engine is put together from: configuration, log, world and the doors to bus and store. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Doors, Log } from '@kairos/ports';
import { createLog, isFinal, openDoors, worldOf } from '@kairos/ports';
import type { Config, World } from '@kairos/schema';
import { readConfig } from '@kairos/schema';
import type { Cli } from '../cli.js';
import { CliError, EXIT } from '../cli.js';
import { withFeedAsked, withFeedInUse } from '../feed-in-use.js';

export interface Process {
  readonly config: Config;
  readonly world: World;
  readonly log: Log;
  readonly doors: Doors;
  /** One per process start. */
  readonly instance: string;
}

export interface ProcessOptions {
  readonly name: string;
  readonly isJson: boolean;
  /** True: FEED=auto is asked now; false: as it was last asked. */
  readonly asksFeed: boolean;
}

const HOSTNAME_LENGTH_MAX = 60;

/** The configuration of the environment; `--json` is LOG_FORMAT=json. @throws ConfigError */
export const configOf = (cli: Cli, isJson: boolean): Config =>
  readConfig(isJson ? { ...cli.env, LOG_FORMAT: 'json' } : cli.env);

export const logOf = (config: Config, name: string): Log =>
  createLog({ level: config.LOG_LEVEL, format: config.LOG_FORMAT, name });

/** What the names of all processes of this machine begin with, before a hyphen. */
export const instancePrefix = (): string => hostname().slice(0, HOSTNAME_LENGTH_MAX);

/** @throws ConfigError, PortError */
export async function openProcess(cli: Cli, { name, isJson, asksFeed }: ProcessOptions): Promise<Process> {
  const plain = configOf(cli, isJson);
  const log = logOf(plain, name);
  const { clock } = cli;
  const config = await (asksFeed ? withFeedAsked : withFeedInUse)(plain, { clock, log });
  const world = await worldOf(config.FEED, { symbols: config.SYMBOLS });
  const onStuck = (error: Error) => {
    log.error({ error: error.message }, 'reading from the bus hangs for good: this process ends, to be started again');
    process.exit(EXIT.failed);
  };
  const doors = await openDoors(config, world, { clock, log, onStuck }).catch((error: unknown) => {
    // What is damaged, or does not fit what is stored, stays so however often it is started.
    if (isFinal(error)) throw new CliError((error as Error).message, EXIT.usage);
    throw error;
  });
  const instance = `${instancePrefix()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  return { config, world, log, doors, instance };
}

/** A process that came upon what nobody foresaw says so and ends: it is restarted rather than left half alive. */
export function endOnTheUnforeseen(log: Log): void {
  const end = (error: unknown) => {
    log.error({ error: error instanceof Error ? error.stack : String(error) }, 'unforeseen error: this process ends');
    process.exit(1);
  };
  process.on('uncaughtException', end);
  process.on('unhandledRejection', end);
}
