/** What every command is given, and how it ends. */
import type { Clock } from '@kairos/ports';
import type { Command } from 'commander';

/** Exit codes: of every command, and of the processes that the supervisor starts. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** Wrong usage or configuration, or damaged files: starting again changes nothing. */
  usage: 2,
} as const;

/** A failure to be told in one line, without a stack. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    message: string,
    readonly exitCode: number = EXIT.failed,
  ) {
    super(message);
  }
}

export interface Cli {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Writes one line for people or machines to standard output. */
  print(line: string): void;
  /** Runs a command's action; its result is the exit code. */
  run(action: () => Promise<number>): Promise<void>;
}

/** Adds one command to the program. */
export type CommandAdder = (program: Command, cli: Cli) => void;
