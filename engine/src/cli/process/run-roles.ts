/** Runs feed, predictor and trader in this process; what a role is made of is loaded only where it is asked for. */
import { randomInt } from 'node:crypto';
import type { Clock, Doors, Log, Service } from '@kairos/ports';
import { endOnStall, isFinal, orLate } from '@kairos/ports';
import { ConfigError, isLockStep } from '@kairos/schema';
import { CandleFileError, ExchangeConfigError } from '../../feed/errors.js';
import type { Cli } from '../cli.js';
import type { Process } from './open-process.js';
import { endOnTheUnforeseen, openProcess } from './open-process.js';
import { createOwned } from './owned.js';
import { CLOSE_MS_MAX, runServices } from './run-services.js';
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
  const opening = openProcess(cli, { name, isJson, asksFeed: roles.includes('feed') });
  // Loaded while the servers answer.
  const [opened, makers] = await Promise.all([opening, Promise.all(roles.map((role) => LOADERS[role]()))]);
  endOnTheUnforeseen(opened.log);
  endOnStall();
  const stop = listenForStop();
  try {
    const parts = roles.map((role, index) => ({
      name: role,
      create: () => makers[index]!(partsFor(role, cli, opened)),
    }));
    return await runServices(parts, { clock: cli.clock, log: opened.log, signal: stop.signal, isUsageError });
  } finally {
    await orLate(cli.clock, CLOSE_MS_MAX, opened.doors.close());
    stop.dispose();
  }
}

/** What a role is made with. */
interface RoleParts {
  readonly doors: Doors;
  readonly deps: Pick<Doors, 'bus' | 'store'> & {
    readonly clock: Clock;
    readonly log: Log;
    readonly random: () => number;
  };
  readonly options: Pick<Process, 'config' | 'world' | 'instance'>;
}

type MakeRole = (parts: RoleParts) => Service;

function partsFor(role: Role, { clock }: Cli, { config, world, log, doors, instance }: Process): RoleParts {
  const { bus, store } = doors;
  return {
    doors,
    deps: { bus, store, clock, log: log.child({ part: role }), random },
    options: { config, world, instance },
  };
}

const LOADERS: Readonly<Record<Role, () => Promise<MakeRole>>> = {
  async feed() {
    const { createFeed } = await import('../../feed/index.js');
    return ({ doors, deps, options }) =>
      createOwned({ lock: doors.feedLock, log: deps.log }, { what: 'feed', create: () => createFeed(deps, options) });
  },
  async predictor() {
    const { createPredictor } = await import('../../predict/index.js');
    const { createHistory } = await import('../../feed/exchange/history.js');
    return ({ doors, deps, options }) => {
      const history = createHistory(deps, options.config);
      const create = () => createPredictor(history ? { ...deps, history } : deps, options);
      // With an exchange predictors share the symbols; in lock-step a second one would say everything twice.
      if (!isLockStep(options.world)) return create();
      return createOwned({ lock: doors.predictorLock, log: deps.log }, { what: 'predictor', create });
    };
  },
  async trader() {
    const { createTrader } = await import('../../run/index.js');
    return ({ doors: { ownership }, deps, options }) => createTrader({ ...deps, ownership }, options);
  },
};
