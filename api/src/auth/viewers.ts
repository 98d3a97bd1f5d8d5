/**
 * From an access token to who asks. User and login are read again at most 2 s after they were last read, so that a
 * disabled user, another role, another password or a logout acts within 5 s everywhere, and at once in this process.
 *
 * While the store does not answer, what was last read of them, or else the token's own claims, stands: so a panic stop
 * can still be asked for.
 */
import type { AppStore, Clock, Role, StoredUser } from '@kairos/ports';
import { isPortError } from '@kairos/ports';
import type { Viewer } from '../context.js';
import type { AccessClaims, AccessTokens } from './access-token.js';

export const STANDING_TTL_MS = 2_000;
const CACHE_SIZE_MAX = 10_000;

/** Why a token is no good: EXPIRED, REVOKED and LOWERED once were. */
export type Refusal = 'EXPIRED' | 'INVALID' | 'REVOKED' | 'LOWERED';
export type ViewerCheck =
  | { readonly ok: true; readonly viewer: Viewer; readonly claims: AccessClaims }
  | { readonly ok: false; readonly reason: Refusal };

export interface Viewers {
  fromToken(token: string): Promise<ViewerCheck>;
  /** Whether what a token claimed still holds; expiry included. */
  check(claims: AccessClaims): Promise<ViewerCheck>;
  /** Forgets what was read: the next check reads again. */
  forget(): void;
}

const RANK: Record<Role, number> = { VIEWER: 0, TRADER: 1, ADMIN: 2 };

export function createViewers(deps: {
  readonly app: Pick<AppStore, 'users' | 'sessions'>;
  readonly tokens: AccessTokens;
  readonly clock: Clock;
}): Viewers {
  const { app, tokens, clock } = deps;
  const users = createCache<StoredUser | null>(clock);
  const families = createCache<boolean>(clock);

  const check = async (claims: AccessClaims): Promise<ViewerCheck> => {
    if (claims.expiresAt <= clock.now()) return { ok: false, reason: 'EXPIRED' };
    const [user, isLive] = await Promise.all([
      users.read(claims.userId, () => app.users.byId(claims.userId)),
      families.read(claims.familyId, () => app.sessions.isFamilyLive(claims.familyId, clock.now())),
    ]);
    if (isLive === false || user === null || user?.isDisabled) return { ok: false, reason: 'REVOKED' };
    if (user && user.tokenVersion !== claims.tokenVersion) {
      return { ok: false, reason: RANK[user.role] < RANK[claims.role] ? 'LOWERED' : 'REVOKED' };
    }
    return { ok: true, viewer: viewerOf(claims, user), claims };
  };

  return {
    async fromToken(token) {
      const checked = tokens.check(token);
      return checked.ok ? check(checked.claims) : checked;
    },
    check,
    forget() {
      users.expire();
      families.expire();
    },
  };
}

function viewerOf(claims: AccessClaims, user: StoredUser | undefined): Viewer {
  return {
    userId: claims.userId,
    username: user?.username ?? claims.username,
    role: user?.role ?? claims.role,
    mustChangePassword: user?.mustChangePassword ?? false,
    grantedAccountIds: user?.grantedAccountIds ?? [],
    familyId: claims.familyId,
    tokenExpiresAt: claims.expiresAt,
  };
}

/** Values by key, read again after a short time; undefined when there is none and the store does not answer. */
function createCache<T>(clock: Clock) {
  const entries = new Map<string, { value: Promise<T | undefined>; readAt: number }>();
  return {
    read(key: string, load: () => Promise<T>): Promise<T | undefined> {
      const now = clock.monotonicMs();
      const found = entries.get(key);
      if (found && now - found.readAt < STANDING_TTL_MS) return found.value;
      const value = load().catch((error: unknown) => {
        if (isPortError(error) && error.isRetriable) return found?.value;
        entries.delete(key);
        throw error;
      });
      entries.delete(key);
      entries.set(key, { value, readAt: now });
      const oldest = entries.size > CACHE_SIZE_MAX ? entries.keys().next().value : undefined;
      if (oldest !== undefined) entries.delete(oldest);
      return value;
    },
    expire() {
      for (const entry of entries.values()) entry.readAt = -Infinity;
    },
  };
}
