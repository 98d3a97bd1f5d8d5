/**
 * `kairos panic`: the panic button's twin in the terminal. Stops every account of this world, or one, and waits for all
 * of them to be flat and stopped.
 */
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Doors, Log } from '@kairos/ports';
import { isPortError, orLate, signCommand } from '@kairos/ports';
import type { Command, CommandStatus, CommandStep, Config, World } from '@kairos/schema';
import { commandStatus, encodeCommand, formatInstant, formatPrice, REASON_LENGTH_MAX, TOPICS } from '@kairos/schema';
import type { Cli, CommandAdder } from '../cli.js';
import { CliError, EXIT } from '../cli.js';
import { openProcess } from '../process/open-process.js';

/** How long DONE may take before the command says what is pending. */
export const WAIT_MS_MAX = 30_000;
const LOOK_MS = 100;
/** The bus must take the command within this time; else it goes to the store. */
const PUBLISH_MS_MAX = 2_000;

const FINAL: readonly CommandStatus[] = ['DONE', 'REFUSED', 'EXPIRED'];

interface PanicOptions {
  readonly account?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

/** What a panic needs of a process. */
export interface PanicDeps {
  readonly cli: Cli;
  readonly config: Config;
  readonly world: World;
  readonly doors: Pick<Doors, 'bus' | 'store'>;
  readonly log: Log;
}

export const addPanic: CommandAdder = (program, cli) => {
  program
    .command('panic')
    .description('close every open position and open nothing new until resumed; exit 0 when all is flat and stopped')
    .option('--account <id>', 'stop this account only')
    .option('--reason <text>', 'kept with the command')
    .option('--json', 'print one JSON object at the end')
    .action((options: PanicOptions) =>
      cli.run(async () => {
        const opened = await openProcess(cli, { name: 'panic', isJson: false, asksFeed: false });
        try {
          return await panic({ cli, ...opened }, options);
        } finally {
          await opened.doors.close();
        }
      }),
    );
};

/** Resolves with the exit code: 0 when every account is flat and stopped. */
export async function panic(deps: PanicDeps, options: PanicOptions): Promise<number> {
  const { cli, doors, world } = deps;
  const accountIds = await accountsToStop(deps, options.account);
  const command = stopCommand(cli, options.reason ?? null);
  const isPublished = await publish(deps, command, accountIds);
  await doors.store.app.commands.insert({ command, accountIds, world, sentAt: command.time, isPublished });
  const isQuiet = options.json ?? false;
  if (!isQuiet) cli.print(sentText(accountIds.length, isPublished));
  const { status, steps } = await follow(deps, { command, accountIds, isPublished }, (step) => {
    if (!isQuiet) cli.print(stepText(step));
  });
  const pending = status === 'DONE' ? [] : await pendingOf(deps, accountIds);
  if (isQuiet) cli.print(JSON.stringify({ id: command.id, status, accountIds, steps: steps.map(stepJson), pending }));
  else cli.print([`${status}`, ...pending].join('\n  '));
  return status === 'DONE' ? EXIT.done : EXIT.failed;
}

async function accountsToStop({ doors, world }: PanicDeps, wanted: string | undefined): Promise<readonly string[]> {
  const ids = (await doors.store.readModels.accounts()).map(({ account }) => account.id);
  if (ids.length === 0)
    throw new CliError(`expected an account in the world ${world}, found none. Is FEED the right one?`);
  if (wanted === undefined) return ids;
  if (!ids.includes(wanted)) {
    throw new CliError(`expected one of the accounts ${ids.join(', ')}, found ${wanted}`, EXIT.usage);
  }
  return [wanted];
}

function stopCommand({ clock }: Cli, reason: string | null): Command {
  if (reason !== null && reason.length > REASON_LENGTH_MAX) {
    throw new CliError(
      `expected a reason of at most ${REASON_LENGTH_MAX} characters, found ${reason.length}`,
      EXIT.usage,
    );
  }
  return {
    id: `panic-${randomUUID()}`,
    action: 'STOP_BOT',
    accountId: null,
    tradeId: null,
    settings: null,
    account: null,
    issuedBy: `${userInfo().username} (terminal)`,
    reason,
    time: clock.now(),
    signature: null,
  };
}

/** One message per account. False when the bus did not take them: they are obeyed from the store then. */
async function publish({ cli, config, doors, log }: PanicDeps, command: Command, accountIds: readonly string[]) {
  const secret = config.COMMAND_SECRET;
  const records = accountIds.map((accountId) => {
    const message = { ...command, accountId };
    return { key: accountId, value: encodeCommand(secret === null ? message : signCommand(message, secret)) };
  });
  const taken = doors.bus.publish(TOPICS.commands, records).then(
    () => true,
    (error: unknown) => {
      if (!isPortError(error)) throw error;
      log.warn({ code: error.code }, `the bus did not take the command: ${error.message}`);
      return false;
    },
  );
  return (await orLate(cli.clock, PUBLISH_MS_MAX, taken)) === true;
}

interface Sent {
  readonly command: Command;
  readonly accountIds: readonly string[];
  readonly isPublished: boolean;
}

/** Tells each step as it comes, until the command has ended or 30 s are over. */
async function follow({ cli, doors }: PanicDeps, sent: Sent, onStep: (step: CommandStep) => void) {
  const { clock } = cli;
  const deadline = clock.monotonicMs() + WAIT_MS_MAX;
  let told = 0;
  for (;;) {
    const steps = await doors.store.readModels.steps(sent.command.id);
    steps.slice(told).forEach(onStep);
    told = steps.length;
    const { accountIds, isPublished } = sent;
    const status = commandStatus({ action: sent.command.action, accountIds, steps, isPublished });
    if (FINAL.includes(status) || clock.monotonicMs() >= deadline) return { status, steps };
    await clock.sleep(LOOK_MS);
  }
}

/** What is not yet as it should be, a line per account. */
async function pendingOf({ doors }: PanicDeps, accountIds: readonly string[]): Promise<string[]> {
  const views = (await doors.store.readModels.accounts()).filter(({ account }) => accountIds.includes(account.id));
  return views
    .filter(({ account }) => account.status !== 'STOPPED')
    .map(({ account, openTrades }) => {
      const open = openTrades.map((trade) => trade.symbol).join(', ');
      return `${account.id} is ${account.status}, ${open === '' ? 'nothing open' : `open: ${open}`}`;
    });
}

function sentText(count: number, isPublished: boolean): string {
  const accounts = count === 1 ? '1 account' : `${count} accounts`;
  return isPublished
    ? `STOP_BOT sent to ${accounts}.`
    : `The bus does not answer: STOP_BOT for ${accounts} is kept in the store and obeyed from there.`;
}

function stepText({ accountId, kind, symbol, price, error }: CommandStep): string {
  const at = price === null ? '' : ` at ${formatPrice(price)}`;
  return [`  ${accountId} ${kind}`, symbol === null ? '' : ` ${symbol}${at}`, error === null ? '' : `: ${error}`].join(
    '',
  );
}

const stepJson = (step: CommandStep) => ({
  ...step,
  time: formatInstant(step.time),
  price: step.price === null ? null : formatPrice(step.price),
});
