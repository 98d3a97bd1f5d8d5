/**
 * The administrator of a fresh store, and the end of the password that everybody knows: it works only while nobody but
 * this machine can reach the server.
 */
import type { AppStore, Clock, Log, StoredUser } from '@kairos/ports';
import { isPortError } from '@kairos/ports';
import type { Config } from '@kairos/schema';
import { VARIABLES } from '@kairos/schema';
import { replacePassword } from './auth.js';
import { normalizeName, userIdOf } from './names.js';
import type { PasswordHasher } from './password-hasher.js';

const WELL_KNOWN_PASSWORD = VARIABLES.ADMIN_PASSWORD.fallback;

export interface FirstUserDeps {
  readonly app: Pick<AppStore, 'users' | 'sessions'>;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly hasher: PasswordHasher;
}

export interface PreparedUsers {
  /** True while the password that everybody knows works. */
  readonly hasDefaultPassword: boolean;
}

/** The start is refused; the message says what to do. */
export class StartRefusedError extends Error {
  override readonly name = 'StartRefusedError';
}

/**
 * Makes the administrator if there is no user. One that still has the default password is given ADMIN_PASSWORD once
 * that is another.
 * @throws StartRefusedError when the default password would work from other machines
 */
export async function prepareUsers(deps: FirstUserDeps): Promise<PreparedUsers> {
  const { app, config, log } = deps;
  const users = await app.users.list();
  if (users.length === 0) return makeAdministrator(deps);
  let hasDefaultPassword = false;
  const adminName = normalizeName(config.ADMIN_USERNAME);
  for (const user of users.filter((candidate) => candidate.mustChangePassword && !candidate.isDisabled)) {
    if (!(await deps.hasher.matches(WELL_KNOWN_PASSWORD, user.passwordHash))) continue;
    if (user.normalizedName === adminName && !config.isDefaultPassword) {
      await replacePassword(deps, user, { password: config.ADMIN_PASSWORD, mustChangePassword: false });
    } else if (!config.isLoopback) {
      throw new StartRefusedError(
        `The user ${user.username} still has the default password, and HOST is ${config.listenHost}: ` +
          `set another one with "npx kairos user password ${user.username}" or ADMIN_PASSWORD.`,
      );
    } else {
      hasDefaultPassword = true;
      log.warn({ user: user.username }, 'The default password works: change it after logging in.');
    }
  }
  return { hasDefaultPassword };
}

async function makeAdministrator(deps: FirstUserDeps): Promise<PreparedUsers> {
  const { app, config, clock, log, hasher } = deps;
  const normalizedName = normalizeName(config.ADMIN_USERNAME);
  const user: StoredUser = {
    id: userIdOf(normalizedName),
    username: config.ADMIN_USERNAME.normalize('NFKC').trim(),
    normalizedName,
    role: 'ADMIN',
    passwordHash: await hasher.hash(config.ADMIN_PASSWORD),
    tokenVersion: 1,
    mustChangePassword: config.isDefaultPassword,
    isDisabled: false,
    grantedAccountIds: [],
    createdAt: clock.now(),
  };
  try {
    await app.users.insert(user);
  } catch (error) {
    if (!isPortError(error, 'CONFLICT')) throw error;
  }
  if (config.isDefaultPassword) log.warn({ user: user.username }, 'Made with the default password: change it.');
  return { hasDefaultPassword: config.isDefaultPassword };
}
