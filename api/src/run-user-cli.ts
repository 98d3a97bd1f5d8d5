/** `kairos user`: who may log in. Works on the store itself, so the API need not run; a running one acts within 5 s. */
import { parseArgs } from 'node:util';
import type { AppStore, Clock, Role, StoredUser } from '@kairos/ports';
import { isPortError, ROLES } from '@kairos/ports';
import { formatInstant } from '@kairos/schema';
import { replacePassword } from './auth/auth.js';
import { checkNewName, checkNewPassword, normalizeName, userIdOf } from './auth/names.js';
import type { PasswordHasher } from './auth/password-hasher.js';
import { ApiError } from './graphql/errors.js';

export const USER_EXIT = { done: 0, failed: 1, usage: 2 } as const;

export const USER_HELP = `Usage: kairos user <command> [--json]

  list                           every user
  add <name> --role <role>       a new user; roles: ${ROLES.join(', ')}
  password <name>                another password; ends all logins of the user
  grant <name> <account id>      lets a VIEWER read an account
  ungrant <name> <account id>    takes that back; ends all logins of the user

Passwords are read from standard input, one line of 8 to 72 bytes. Where that is a terminal or empty one is made and
printed once, and must be changed after the first login.

Exit codes: 0 done, 1 failed, 2 wrong usage.`;

export interface UserCli {
  readonly app: AppStore;
  readonly clock: Clock;
  readonly hasher: PasswordHasher;
  /** The first line of standard input; null where there is none. */
  readonly readPassword: () => Promise<string | null>;
  readonly makePassword: () => string;
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}

/** Accounts that may be granted to one user. */
export const GRANTS_MAX = 1_000;

const GRANTS: readonly string[] = ['grant', 'ungrant'];
const ACCOUNT_ID = /^[\w:.-]{1,100}$/;

class UsageError extends Error {}

interface Arguments {
  readonly command: string | undefined;
  readonly name: string | undefined;
  readonly account: string | undefined;
  readonly role: string | undefined;
  readonly isJson: boolean;
  readonly isHelp: boolean;
}

/** Runs one command line, without `kairos user`; resolves with the exit code. */
export async function runUserCli(argv: readonly string[], cli: UserCli): Promise<number> {
  try {
    const args = readArguments(argv);
    if (args.isHelp) cli.print(USER_HELP);
    else await runCommand(args, cli);
    return USER_EXIT.done;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    cli.complain(argv.includes('--json') ? JSON.stringify({ error: message }) : message);
    const isUsage = error instanceof UsageError || (error instanceof ApiError && error.code === 'BAD_USER_INPUT');
    return isUsage ? USER_EXIT.usage : USER_EXIT.failed;
  }
}

function readArguments(argv: readonly string[]): Arguments {
  const options = {
    role: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    const [command, name, ...others] = positionals;
    const [account, ...rest] = GRANTS.includes(command ?? '') ? others : [undefined, ...others];
    if (rest.length > 0) throw new Error(`expected nothing after ${account ?? name}, found ${rest[0]}`);
    return { command, name, account, role: values.role, isJson: values.json ?? false, isHelp: values.help ?? false };
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USER_HELP}`);
  }
}

async function runCommand(args: Arguments, cli: UserCli): Promise<void> {
  if (args.command === 'list') return list(args, cli);
  if (args.command === 'add') return add(args, cli);
  if (args.command === 'password') return changePassword(args, cli);
  if (GRANTS.includes(args.command ?? '')) return changeGrant(args, cli);
  throw new UsageError(
    `expected list, add, password, grant or ungrant, found ${args.command ?? 'nothing'}\n\n${USER_HELP}`,
  );
}

async function list({ isJson }: Arguments, { app, print }: UserCli): Promise<void> {
  const users = (await app.users.list()).map((user) => ({
    id: user.id,
    username: user.username,
    role: user.role,
    disabled: user.isDisabled,
    mustChangePassword: user.mustChangePassword,
    createdAt: formatInstant(user.createdAt),
  }));
  if (isJson) return print(JSON.stringify(users));
  for (const user of users) print(`${user.username.padEnd(24)} ${user.role.padEnd(7)} ${user.createdAt}`);
}

async function add(args: Arguments, cli: UserCli): Promise<void> {
  const username = checkNewName(nameOf(args));
  const role = roleOf(args.role);
  const normalizedName = normalizeName(username);
  if (await cli.app.users.byName(normalizedName)) throw new Error(`The user ${username} exists already.`);
  const { password, isMade } = await newPassword(cli);
  const user: StoredUser = {
    id: userIdOf(normalizedName),
    username,
    normalizedName,
    role,
    passwordHash: await cli.hasher.hash(password),
    tokenVersion: 1,
    mustChangePassword: isMade,
    isDisabled: false,
    grantedAccountIds: [],
    createdAt: cli.clock.now(),
  };
  await cli.app.users.insert(user).catch((error: unknown) => {
    throw isPortError(error, 'CONFLICT') ? new Error(`The user ${username} exists already.`) : error;
  });
  tell(args, cli, { done: 'added', user, password: isMade ? password : null });
}

async function changePassword(args: Arguments, cli: UserCli): Promise<void> {
  const name = nameOf(args);
  const user = await cli.app.users.byName(normalizeName(name));
  if (!user) throw new Error(`The user ${name} does not exist.`);
  const { password, isMade } = await newPassword(cli);
  const changed = await replacePassword(cli, user, { password, mustChangePassword: isMade });
  tell(args, cli, { done: 'changed', user: changed, password: isMade ? password : null });
}

/** A new grant shows within 5 s; one that is taken back ends the user's logins, and with them what is being read. */
async function changeGrant(args: Arguments, cli: UserCli): Promise<void> {
  const { command, account } = args;
  const name = nameOf(args);
  if (account === undefined || !ACCOUNT_ID.test(account)) {
    throw new UsageError(`expected an account id after ${name}, found ${account ?? 'nothing'}\n\n${USER_HELP}`);
  }
  const user = await cli.app.users.byName(normalizeName(name));
  if (!user) throw new Error(`The user ${name} does not exist.`);
  if (user.role !== 'VIEWER') throw new Error(`${user.username} is a ${user.role}: accounts are granted to a VIEWER.`);
  const others = user.grantedAccountIds.filter((id) => id !== account);
  const isGrant = command === 'grant';
  const changed: StoredUser = {
    ...user,
    grantedAccountIds: isGrant ? [...others, account] : others,
    tokenVersion: user.tokenVersion + (isGrant ? 0 : 1),
  };
  if (changed.grantedAccountIds.length > GRANTS_MAX) throw new Error(`Expected at most ${GRANTS_MAX} grants.`);
  await cli.app.users.replace(changed, user.tokenVersion).catch((error: unknown) => {
    throw isPortError(error, 'CONFLICT') ? new Error('The user was changed meanwhile: try again.') : error;
  });
  if (!isGrant) await cli.app.sessions.revokeUser(user.id);
  tell(args, cli, { done: isGrant ? 'granted' : 'ungranted', user: changed, password: null });
}

async function newPassword(cli: UserCli): Promise<{ password: string; isMade: boolean }> {
  const given = await cli.readPassword();
  if (given === null || given === '') return { password: cli.makePassword(), isMade: true };
  return { password: checkNewPassword(given), isMade: false };
}

function nameOf({ command, name }: Arguments): string {
  if (name === undefined) throw new UsageError(`expected a name after ${command}\n\n${USER_HELP}`);
  return name;
}

function roleOf(text: string | undefined): Role {
  const role = ROLES.find((candidate) => candidate === text?.toUpperCase());
  if (!role) throw new UsageError(`--role: expected one of ${ROLES.join(', ')}, found ${text ?? 'nothing'}`);
  return role;
}

interface Told {
  readonly done: string;
  readonly user: StoredUser;
  /** One that was made, to be shown this once. */
  readonly password: string | null;
}

function tell({ isJson }: Arguments, { print }: UserCli, { done, user, password }: Told): void {
  const { id, username, role } = user;
  if (isJson) return print(JSON.stringify({ done, id, username, role, ...(password === null ? {} : { password }) }));
  print(`${username} (${role}): ${done}.`);
  if (password !== null) print(`Password, shown this once: ${password}`);
}
