/** Logging in, staying in and getting out. Resolvers call this; nothing else touches passwords and sessions. */
import type { AppStore, Clock, StoredUser } from '@kairos/ports';
import { isPortError } from '@kairos/ports';
import { VARIABLES } from '@kairos/schema';
import type { Transport, Viewer } from '../context.js';
import { BadInputError, ConflictError, ForbiddenError, UnauthenticatedError } from '../graphql/errors.js';
import type { AccessTokens } from './access-token.js';
import { createLoginLimits } from './login-limits.js';
import { checkNewPassword, isPossiblePassword, normalizeName } from './names.js';
import type { PasswordHasher } from './password-hasher.js';
import type { RandomBytes, Sealer } from './refresh-token.js';
import type { IssuedSession } from './sessions.js';
import { createSessions } from './sessions.js';
import type { Viewers } from './viewers.js';

/** What a login or a refresh answers; the refresh token went into the cookie. */
export interface Login {
  readonly accessToken: string;
  readonly expiresAt: number;
  readonly user: StoredUser;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** Of a second factor, where one is set up. */
  readonly code: string | null;
}

export interface Auth {
  /** @throws UnauthenticatedError in the same words and time, whatever was wrong; TooManyRequestsError */
  login(credentials: Credentials, transport: Transport): Promise<Login>;
  /** @throws UnauthenticatedError when the cookie is missing or no longer good */
  refresh(transport: Transport): Promise<Login>;
  /** Ends this login, or every login of the user. Without one there is nothing to end, which is no error. */
  logout(everywhere: boolean, viewer: Viewer | null, transport: Transport): Promise<void>;
  /** Ends every other login of the user; over HTTP this one goes on with a new cookie. */
  changePassword(change: PasswordChange, viewer: Viewer, transport: Transport): Promise<void>;
}

export interface PasswordChange {
  readonly current: string;
  readonly next: string;
}

export interface AuthDeps {
  readonly app: AppStore;
  readonly clock: Clock;
  readonly hasher: PasswordHasher;
  readonly tokens: AccessTokens;
  readonly viewers: Viewers;
  readonly random: RandomBytes;
  readonly randomId: () => string;
  readonly sealer: Sealer;
}

const WRONG_LOGIN = 'Wrong name or password.';
const WELL_KNOWN_PASSWORD = VARIABLES.ADMIN_PASSWORD.fallback;
const EPOCH = new Date(0);

export function createAuth(deps: AuthDeps): Auth {
  const { app, clock, hasher, tokens, viewers } = deps;
  const limits = createLoginLimits({ counters: app.counters, clock });
  const sessions = createSessions({ ...deps, onRevoked: () => viewers.forget() });

  const audit = (actor: string, action: string, detail: string) =>
    app.audit.append({ id: deps.randomId(), time: clock.now(), actor, action, detail, accountId: null });

  const answer = (user: StoredUser, session: IssuedSession, transport: Transport): Login => {
    const { id: userId, username, role, tokenVersion } = user;
    const access = tokens.issue({ userId, username, role, tokenVersion, familyId: session.familyId });
    transport.setRefreshCookie(session.token, new Date(session.expiresAt));
    return { accessToken: access.token, expiresAt: access.expiresAt, user };
  };

  const verify = async (name: string, password: string): Promise<StoredUser | null> => {
    const user = await app.users.byName(name);
    const isPossible = isPossiblePassword(password);
    const isRight = await hasher.matches(isPossible ? password : '', isPossible && user ? user.passwordHash : null);
    return user && isRight && !user.isDisabled ? user : null;
  };

  return {
    async login({ username, password, code }, transport) {
      requireHttp(transport);
      if (code) throw new BadInputError('code: expected none, as no second factor is set up');
      const name = normalizeName(username);
      const user = await limits.guess({ name, address: transport.address }, () => verify(name, password));
      if (!user) throw new UnauthenticatedError(WRONG_LOGIN);
      const session = await sessions.open(user);
      await audit(user.username, 'LOGIN', `From ${transport.address}.`);
      return answer(user, session, transport);
    },

    async refresh(transport) {
      requireHttp(transport);
      const token = transport.refreshToken;
      const session = token === null ? null : await sessions.refresh(token);
      if (session) return answer(session.user, session, transport);
      if (token !== null) transport.setRefreshCookie(null, EPOCH);
      throw new UnauthenticatedError();
    },

    async logout(everywhere, viewer, transport) {
      requireHttp(transport);
      const owner = transport.refreshToken === null ? null : await sessions.owner(transport.refreshToken);
      const families = new Set([viewer?.familyId, owner?.familyId].filter((id) => id !== undefined));
      for (const familyId of families) await app.sessions.revokeFamily(familyId);
      const userId = viewer?.userId ?? owner?.userId;
      if (everywhere && userId !== undefined) {
        await app.sessions.revokeUser(userId);
        await audit(viewer?.username ?? userId, 'LOGOUT_EVERYWHERE', 'Every login of the user has been ended.');
      }
      viewers.forget();
      transport.setRefreshCookie(null, EPOCH);
    },

    async changePassword({ current, next }, viewer, transport) {
      checkChange(current, next);
      const name = normalizeName(viewer.username);
      const user = await limits.guess({ name, address: transport.address }, () => verify(name, current));
      if (!user) throw new BadInputError('current: this is not your password');
      const changed = await replacePassword(deps, user, { password: next, mustChangePassword: false });
      viewers.forget();
      await audit(user.username, 'PASSWORD_CHANGED', 'Every other login of the user has been ended.');
      if (transport.kind === 'http') answer(changed, await sessions.open(changed), transport);
    },
  };
}

/**
 * Gives a user another password and ends all logins.
 * @throws ConflictError when somebody else changed the user meanwhile
 */
export async function replacePassword(
  deps: { readonly app: Pick<AppStore, 'users' | 'sessions'>; readonly hasher: PasswordHasher },
  user: StoredUser,
  { password, mustChangePassword }: { readonly password: string; readonly mustChangePassword: boolean },
): Promise<StoredUser> {
  const passwordHash = await deps.hasher.hash(password);
  const changed = { ...user, passwordHash, mustChangePassword, tokenVersion: user.tokenVersion + 1 };
  try {
    await deps.app.users.replace(changed, user.tokenVersion);
  } catch (error) {
    if (isPortError(error, 'CONFLICT')) throw new ConflictError('The user was changed meanwhile: try again.');
    throw error;
  }
  await deps.app.sessions.revokeUser(user.id);
  return changed;
}

function requireHttp(transport: Transport): void {
  if (transport.kind !== 'http') throw new ForbiddenError('Login, refresh and logout are answered over HTTP only.');
}

function checkChange(current: string, next: string): void {
  checkNewPassword(next, 'next');
  if (next === current) throw new BadInputError('next: expected a password other than the current one');
  if (next === WELL_KNOWN_PASSWORD) throw new BadInputError('next: expected a password that is not the default one');
}
