/** `kairos feed`, `predict`, `trade`, and `engine`: these three in one process. */
import { randomInt } from 'node:crypto';
import type { Service } from '@kairos/ports';
import { ConfigError } from '@kairos/schema';
import { CandleFileError, createFeed, createHistory, ExchangeConfigError } from '../../feed/index.js';
import { createPredictor } from '../../predict/index.js';
import { createTrader } from '../../run/index.js';
import type { Cli, CommandAdder } from '../cli.js';
import type { Process } from '../process/open-process.js';
import { endOnTheUnforeseen, openProcess } from '../process/open-process.js';
import { runServices } from '../process/run-services.js';
import { listenForStop } from '../process/stop-signal.js';

const RANDOM_STEPS = 2 ** 47;
const random = (): number => randomInt(RANDOM_STEPS) / RANDOM_STEPS;

/** What is wrong with a file or a name stays wrong, however often it is started. */
const isUsageError = (error: unknown): boolean =>
  error instanceof CandleFileError || error instanceof ExchangeConfigError || error instanceof ConfigError;

type Role = 'feed' | 'predictor' | 'trader';

interface RoleCommand {
  readonly name: string;
  readonly description: string;
  /** In order of their start: a trader that waits for another one to end holds back feed and predictor. */
  readonly roles: readonly Role[];
}

const ROLE_COMMANDS: readonly RoleCommand[] = [
  { name: 'feed', description: 'publish prices', roles: ['feed'] },
  { name: 'predict', description: 'read prices, publish signals', roles: ['predictor'] },
  { name: 'trade', description: 'read prices, signals and commands; trade', roles: ['trader'] },
  { name: 'engine', description: 'feed, predict and trade in one process', roles: ['trader', 'predictor', 'feed'] },
];

export const addRoles: CommandAdder = (program, cli) => {
  for (const command of ROLE_COMMANDS) {
    program
      .command(command.name)
      .description(command.description)
      .option('--json', 'log in JSON')
      .action((options: { json?: boolean }) => cli.run(() => runRoles(cli, command, options.json ?? false)));
  }
};

async function runRoles(cli: Cli, command: RoleCommand, isJson: boolean): Promise<number> {
  const asksFeed = command.roles.includes('feed');
  const opened = await openProcess(cli, { name: command.name, isJson, asksFeed });
  endOnTheUnforeseen(opened.log);
  const stop = listenForStop();
  try {
    const parts = command.roles.map((role) => ({ name: role, create: () => createRole(role, cli, opened) }));
    return await runServices(parts, { clock: cli.clock, log: opened.log, signal: stop.signal, isUsageError });
  } finally {
    await opened.doors.close();
    stop.dispose();
  }
}

function createRole(role: Role, { clock }: Cli, { config, world, log, doors, instance }: Process): Service {
  const { bus, store, traderLock: lock } = doors;
  const deps = { bus, store, clock, log: log.child({ part: role }), random };
  const options = { config, world, instance };
  switch (role) {
    case 'feed':
      return createFeed(deps, options);
    case 'predictor': {
      const history = createHistory(deps, config);
      return createPredictor(history ? { ...deps, history } : deps, options);
    }
    case 'trader':
      return createTrader({ ...deps, lock }, options);
  }
}
