/** The `kairos` command: one file per command, exit 0 done, 1 failed, 2 wrong usage or configuration, or files that cannot be read. */
import { systemClock } from '@kairos/ports';
import { ConfigError } from '@kairos/schema';
import { Command, CommanderError } from 'commander';
import type { Cli, CommandAdder } from './cli.js';
import { CliError, EXIT } from './cli.js';
import { addApi } from './commands/api.js';
import { addBacktest } from './commands/backtest.js';
import { addDoctor } from './commands/doctor.js';
import { addPanic } from './commands/panic.js';
import { addRoles } from './commands/roles.js';
import { addStart } from './commands/start.js';
import { addUser } from './commands/user.js';

const COMMANDS: readonly CommandAdder[] = [addStart, addRoles, addApi, addPanic, addUser, addDoctor, addBacktest];

/** Where a command reads from and writes to; left out: this process. */
export interface CliIo {
  readonly env: Cli['env'];
  readonly clock: Cli['clock'];
  out(text: string): void;
  err(text: string): void;
}

const processIo: CliIo = {
  env: process.env,
  clock: systemClock,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};

/** Runs one command line, without `node` and `kairos`. Resolves with the exit code; never rejects. */
export async function runCli(argv: readonly string[], io: CliIo = processIo): Promise<number> {
  let exitCode: number = EXIT.done;
  const cli: Cli = {
    env: io.env,
    clock: io.clock,
    print: (line) => io.out(`${line}\n`),
    async run(action) {
      exitCode = await action();
    },
  };
  try {
    await createProgram(cli, io).parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return tell(error, io, argv.includes('--json'));
  }
}

function createProgram(cli: Cli, io: CliIo): Command {
  const program = new Command('kairos')
    .description('A crypto trading platform that you run yourself. Configuration: environment or .env (.env.example).')
    .exitOverride()
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError('(--help says what may be given)')
    .enablePositionalOptions()
    .helpCommand(false)
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 wrong usage or configuration, or files that cannot be read.',
    );
  for (const add of COMMANDS) add(program, cli);
  return program;
}

/** Says what went wrong, once, and answers the exit code. */
function tell(error: unknown, io: CliIo, isJson: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const message = error instanceof Error ? error.message : String(error);
  io.err(`${isJson ? JSON.stringify({ error: message }) : message}\n`);
  if (error instanceof ConfigError) return EXIT.usage;
  return error instanceof CliError ? error.exitCode : EXIT.failed;
}
