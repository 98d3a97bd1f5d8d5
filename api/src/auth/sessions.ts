/**
 * Refresh sessions: one family per login, one token in use per family. A token is exchanged once; within 10 s the same
 * token gives the same successor again (tabs that wake together), later it has been stolen by someone: the whole family
 * is revoked and the audit says so.
 */
import type { AppStore, Clock, StoredSession, StoredUser } from '@kairos/ports';
import type { Instant } from '@kairos/schema';
import type { RandomBytes, Sealer } from './refresh-token.js';
import { hashOfToken, isRefreshToken, newRefreshToken } from './refresh-token.js';

export const SESSION_MS = 30 * 86_400_000;
export const REPEAT_GRACE_MS = 10_000;

/** A refresh token to hand out. */
export interface IssuedSession {
  readonly token: string;
  readonly familyId: string;
  readonly expiresAt: Instant;
}

export interface RefreshedSession extends IssuedSession {
  readonly user: StoredUser;
}

export interface Sessions {
  /** Begins a family. */
  open(user: StoredUser): Promise<IssuedSession>;
  /** The successor of a token and whose it is; null when it is not, or no longer, good. */
  refresh(token: string): Promise<RefreshedSession | null>;
  /** The user and family of a token that is still good. */
  owner(token: string): Promise<{ readonly userId: string; readonly familyId: string } | null>;
}

export interface SessionDeps {
  readonly app: Pick<AppStore, 'users' | 'sessions' | 'audit'>;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly randomId: () => string;
  readonly sealer: Sealer;
  /** Called after a family was revoked. */
  readonly onRevoked: () => void;
}

export function createSessions(deps: SessionDeps): Sessions {
  const { app, clock, random, sealer } = deps;

  const make = (user: StoredUser, familyId: string, token: string): StoredSession => ({
    tokenHash: hashOfToken(token),
    familyId,
    userId: user.id,
    tokenVersion: user.tokenVersion,
    createdAt: clock.now(),
    expiresAt: (clock.now() + SESSION_MS) as Instant,
    rotatedAt: null,
    successor: null,
    isRevoked: false,
  });

  const find = async (token: string): Promise<StoredSession | null> => {
    const session = isRefreshToken(token) ? await app.sessions.byHash(hashOfToken(token)) : null;
    return session && !session.isRevoked && session.expiresAt > clock.now() ? session : null;
  };

  const findWithUser = async (token: string) => {
    const session = await find(token);
    const user = session && (await app.users.byId(session.userId));
    const isGood = user && !user.isDisabled && user.tokenVersion === session.tokenVersion;
    return isGood ? { session, user } : null;
  };

  const repeat = async (session: StoredSession, user: StoredUser): Promise<RefreshedSession | null> => {
    const age = Math.abs(clock.now() - (session.rotatedAt ?? -Infinity));
    if (age > REPEAT_GRACE_MS || session.successor === null) {
      await app.sessions.revokeFamily(session.familyId);
      deps.onRevoked();
      await app.audit.append({
        id: deps.randomId(),
        time: clock.now(),
        actor: user.username,
        action: 'REFRESH_TOKEN_REUSED',
        detail: 'A refresh token was used again after its exchange: its login has been ended.',
        accountId: null,
      });
      return null;
    }
    const token = sealer.open(session.successor, session.tokenHash);
    const next = await find(token);
    return next && { token, familyId: session.familyId, expiresAt: next.expiresAt, user };
  };

  const exchange = async (session: StoredSession, user: StoredUser): Promise<RefreshedSession | null> => {
    const token = newRefreshToken(random);
    const next = make(user, session.familyId, token);
    const sealed = sealer.seal(token, session.tokenHash);
    const isFirst = await app.sessions.rotate(session.tokenHash, clock.now(), sealed, next);
    const now = await app.sessions.byHash(session.tokenHash);
    if (!now || now.isRevoked) {
      await app.sessions.revokeFamily(session.familyId);
      return null;
    }
    return isFirst ? { token, familyId: session.familyId, expiresAt: next.expiresAt, user } : repeat(now, user);
  };

  return {
    async open(user) {
      const token = newRefreshToken(random);
      const session = make(user, deps.randomId(), token);
      await app.sessions.insert(session);
      return { token, familyId: session.familyId, expiresAt: session.expiresAt };
    },
    async refresh(token) {
      const found = await findWithUser(token);
      if (!found) return null;
      return found.session.rotatedAt === null ? exchange(found.session, found.user) : repeat(found.session, found.user);
    },
    async owner(token) {
      const found = await findWithUser(token);
      return found && { userId: found.user.id, familyId: found.session.familyId };
    },
  };
}
