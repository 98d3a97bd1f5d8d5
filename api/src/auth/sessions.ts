/**
 * Refresh sessions: one family per login, one token in use per family. A token is exchanged once; within 10 s the same
 * token gives the same successor again (tabs that wake together), later it has been stolen by someone: the whole family
 * is revoked and the audit says so.
 */
import type { AppStore, Clock, StoredSession, StoredUser } from '@kairos/ports';
import type { Instant } from '@kairos/schema';
import { addMs } from '@kairos/schema';
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
  const { app, random } = deps;
  const findWithUser = async (token: string) => {
    const session = await findSession(deps, token);
    const user = session && (await app.users.byId(session.userId));
    const isGood = user && !user.isDisabled && user.tokenVersion === session.tokenVersion;
    return isGood ? { session, user } : null;
  };

  return {
    async open(user) {
      const token = newRefreshToken(random);
      const session = newSession(deps, user, { familyId: deps.randomId(), token });
      await app.sessions.insert(session);
      return { token, familyId: session.familyId, expiresAt: session.expiresAt };
    },
    async refresh(token) {
      const found = await findWithUser(token);
      if (!found) return null;
      const { session, user } = found;
      return session.rotatedAt === null ? exchange(deps, session, user) : repeat(deps, session, user);
    },
    async owner(token) {
      const found = await findWithUser(token);
      return found && { userId: found.user.id, familyId: found.session.familyId };
    },
  };
}

const newSession = (
  { clock }: SessionDeps,
  user: StoredUser,
  { familyId, token }: { readonly familyId: string; readonly token: string },
): StoredSession => ({
  tokenHash: hashOfToken(token),
  familyId,
  userId: user.id,
  tokenVersion: user.tokenVersion,
  createdAt: clock.now(),
  expiresAt: addMs(clock.now(), SESSION_MS),
  rotatedAt: null,
  successor: null,
  isRevoked: false,
});

/** The session of a token that has not ended; used or not. */
async function findSession({ app, clock }: SessionDeps, token: string): Promise<StoredSession | null> {
  const session = isRefreshToken(token) ? await app.sessions.byHash(hashOfToken(token)) : null;
  return session && !session.isRevoked && session.expiresAt > clock.now() ? session : null;
}

/** Exchanges a token that was not used before. */
async function exchange(deps: SessionDeps, session: StoredSession, user: StoredUser): Promise<RefreshedSession | null> {
  const { app, clock, sealer } = deps;
  const { familyId, tokenHash } = session;
  const token = newRefreshToken(deps.random);
  const next = newSession(deps, user, { familyId, token });
  const isFirst = await app.sessions.rotate(tokenHash, clock.now(), sealer.seal(token, tokenHash), next);
  // A family that was revoked meanwhile must not live on in the successor.
  const now = await app.sessions.byHash(tokenHash);
  if (!now || now.isRevoked) {
    await app.sessions.revokeFamily(familyId);
    return null;
  }
  return isFirst ? { token, familyId, expiresAt: next.expiresAt, user } : repeat(deps, now, user);
}

/** Gives the successor of a used token again, or takes it for stolen. */
async function repeat(deps: SessionDeps, session: StoredSession, user: StoredUser): Promise<RefreshedSession | null> {
  const { rotatedAt, successor, familyId } = session;
  const isInGrace = rotatedAt !== null && Math.abs(deps.clock.now() - rotatedAt) <= REPEAT_GRACE_MS;
  if (!isInGrace || successor === null) {
    await endFamily(deps, session, user);
    return null;
  }
  const token = deps.sealer.open(successor, session.tokenHash);
  const next = await findSession(deps, token);
  return next && { token, familyId, expiresAt: next.expiresAt, user };
}

async function endFamily(deps: SessionDeps, session: StoredSession, user: StoredUser): Promise<void> {
  await deps.app.sessions.revokeFamily(session.familyId);
  deps.onRevoked();
  await deps.app.audit.append({
    id: deps.randomId(),
    time: deps.clock.now(),
    actor: user.username,
    action: 'REFRESH_TOKEN_REUSED',
    detail: 'A refresh token was used again after its exchange: its login has been ended.',
    accountId: null,
  });
}
