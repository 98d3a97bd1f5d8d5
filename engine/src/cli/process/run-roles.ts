/** Runs feed, predictor and trader in this process. Loaded only where it is needed: its libraries take their time. */
import { randomInt } from 'node:crypto';
import type { Service } from '@kairos/ports';
import { endOnStall, isFinal } from '@kairos/ports';
import { ConfigError, isLockStep } from '@kairos/schema';
import { CandleFileError, createFeed, createHistory, ExchangeConfigError } from '../../feed/index.js';
import { createPredictor } from '../../predict/index.js';
import { createTrader } from '../../run/index.js';
import type { Cli } from '../cli.js';
import type { Process } from './open-process.js';
import { endOnTheUnforeseen, openProcess } from './open-process.js';
import { createOwned } from './owned.js';
import { runServices } from './run-services.js';
import { listenForStop } from './stop-signal.js';

export type Role = 'feed' | 'predictor' | 'trader';

export interface RolesOptions {
  /** What the process is called in its log. */
  readonly name: string;
  /** In order of their start: a trader that waits for another one to end holds back feed and predictor. */
  readonly roles: readonly Role[];
  readonly isJson: boolean;
}

const RANDOM_STEPS = 2 ** 47;
const random = (): number => randomInt(RANDOM_STEPS) / RANDOM_STEPS;

/** What is wrong with a file, a name or what is stored stays wrong, however often it is started. */
const isUsageError = (error: unknown): boolean =>
  isFinal(error) ||
  error instanceof CandleFileError ||
  error instanceof ExchangeConfigError ||
  error instanceof ConfigError;

/** Resolves with the exit code when the process has been asked to end, or cannot go on. */
export async function runRoles(cli: Cli, { name, roles, isJson }: RolesOptions): Promise<number> {
  const opened = await openProcess(cli, { name, isJson, asksFeed: roles.includes('feed') });
  endOnTheUnforeseen(opened.log);
  endOnStall();
  const stop = listenForStop();
  try {
    const parts = roles.map((role) => ({ name: role, create: () => createRole(role, cli, opened) }));
    return await runServices(parts, { clock: cli.clock, log: opened.log, signal: stop.signal, isUsageError });
  } finally {
    await opened.doors.close();
    stop.dispose();
  }
}

function createRole(role: Role, { clock }: Cli, { config, world, log, doors, instance }: Process): Service {
  const { bus, store, ownership, feedLock, predictorLock } = doors;
  const deps = { bus, store, clock, log: log.child({ part: role }), random };
  const options = { config, world, instance };
  switch (role) {
    case 'feed':
      return createOwned({ lock: feedLock, log: deps.log }, { what: 'feed', create: () => createFeed(deps, options) });
    case 'predictor': {
      const history = createHistory(deps, config);
      const create = () => createPredictor(history ? { ...deps, history } : deps, options);
      // With an exchange predictors share the symbols; in lock-step a second one would say everything twice.
      if (!isLockStep(world)) return create();
      return createOwned({ lock: predictorLock, log: deps.log }, { what: 'predictor', create });
    }
    case 'trader':
      return createTrader({ ...deps, ownership }, options);
  }
}
