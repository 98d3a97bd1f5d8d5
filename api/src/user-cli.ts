/** The process behind `npx kairos user`. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { openApp, systemClock } from '@kairos/ports';
import { ConfigError, readConfig } from '@kairos/schema';
import { createPasswordHasher } from './auth/password-hasher.js';
import { runUserCli, USER_EXIT, USER_HELP } from './run-user-cli.js';

const PASSWORD_BYTES = 12;

async function readPassword(): Promise<string | null> {
  if (process.stdin.isTTY) return null;
  for await (const line of createInterface({ input: process.stdin })) return line;
  return null;
}

async function main(argv: readonly string[]): Promise<number> {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  if (argv.length === 0 || argv.includes('--help') || argv.includes('-h')) {
    print(USER_HELP);
    return argv.length === 0 ? USER_EXIT.usage : USER_EXIT.done;
  }
  const { app, close } = await openApp(readConfig(process.env), { clock: systemClock });
  const hasher = createPasswordHasher({ workers: 1 });
  const makePassword = () => randomBytes(PASSWORD_BYTES).toString('base64url');
  const complain = (line: string) => void process.stderr.write(`${line}\n`);
  try {
    return await runUserCli(argv, { app, clock: systemClock, hasher, readPassword, makePassword, print, complain });
  } finally {
    await hasher.stop();
    await close();
  }
}

if (existsSync('.env')) process.loadEnvFile('.env');
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigError ? USER_EXIT.usage : USER_EXIT.failed;
}
