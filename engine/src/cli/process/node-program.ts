/** Programs of other workspaces that the CLI runs as processes of their own: they are never imported. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Cli } from '../cli.js';
import { CliError, EXIT } from '../cli.js';

const require = createRequire(import.meta.url);

/** The file of a program such as `@kairos/api/main`. @throws CliError when it is not there. */
export function programFile(name: string): string {
  try {
    return require.resolve(name);
  } catch (cause) {
    throw new CliError(`expected ${name} to be built, found nothing (${(cause as Error).message}). Run: npm run build`);
  }
}

export interface ForegroundOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Runs a program with this terminal until it ends; resolves with its exit code. */
export function runInForeground(cli: Cli, name: string, { args, env }: ForegroundOptions): Promise<number> {
  const child = spawn(process.execPath, [programFile(name), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...cli.env, ...env },
  });
  // The terminal sends Ctrl-C to both; this one waits for the other to end.
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, forward);
  return new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? EXIT.failed));
  }).finally(() => {
    for (const signal of signals) process.off(signal, forward);
  });
}
