/** Auth on a memory store and a simulated clock, with one user. */
import { createHash } from 'node:crypto';
import type { StoredUser } from '@kairos/ports';
import { createMemoryStoreServer, createSimulatedClock } from '@kairos/ports/testing';
import type { Instant } from '@kairos/schema';
import { createAccessTokens } from '../src/auth/access-token.js';
import { createAuth } from '../src/auth/auth.js';
import { normalizeName, userIdOf } from '../src/auth/names.js';
import type { PasswordHasher } from '../src/auth/password-hasher.js';
import { createSealer } from '../src/auth/refresh-token.js';
import { createViewers } from '../src/auth/viewers.js';
import type { Transport } from '../src/context.js';

export const START = Date.UTC(2026, 0, 1) as Instant;
export const PASSWORD = 'correct horse';

/** Stands for bcrypt where its time does not matter; counts comparisons. */
export function createPlainHasher(): PasswordHasher & { readonly compared: (string | null)[] } {
  const compared: (string | null)[] = [];
  return {
    compared,
    hash: async (password) => `hash of ${password}`,
    matches: async (password, hash) => {
      compared.push(hash);
      return hash === `hash of ${password}`;
    },
    stop: async () => undefined,
  };
}

export const user = (fields: Partial<StoredUser> & { readonly username: string }): StoredUser => ({
  id: userIdOf(normalizeName(fields.username)),
  normalizedName: normalizeName(fields.username),
  role: 'TRADER',
  passwordHash: `hash of ${PASSWORD}`,
  tokenVersion: 1,
  mustChangePassword: false,
  isDisabled: false,
  grantedAccountIds: [],
  createdAt: START,
  ...fields,
});

/** A browser: keeps the cookie it was given. */
export interface Browser extends Transport {
  refreshToken: string | null;
}

export function browser(options: Partial<Pick<Transport, 'kind' | 'address'>> = {}): Browser {
  const self: Browser = {
    kind: 'http',
    address: '203.0.113.1',
    isSecure: false,
    refreshToken: null,
    setRefreshCookie: (token) => void (self.refreshToken = token),
    ...options,
  };
  return self;
}

export async function createAuthFixture() {
  const clock = createSimulatedClock(START);
  const server = createMemoryStoreServer({ clock });
  const { app } = server.connect();
  const hasher = createPlainHasher();
  let count = 0;
  const randomId = () => `id-${++count}`;
  const random = (bytes: number) => createHash('sha512').update(`seed ${++count}`).digest().subarray(0, bytes);
  const tokens = createAccessTokens('q8R2mZ5tY7wK1xC4vB6nL9pS3dF0gHjA', { clock, randomId });
  const viewers = createViewers({ app, tokens, clock });
  const sealer = createSealer('an encryption key of the tests', random);
  const createAuthAgain = () => createAuth({ app, clock, hasher, tokens, viewers, random, randomId, sealer });
  const ada = user({ username: 'Ada' });
  await app.users.insert(ada);
  return { clock, server, app, hasher, tokens, viewers, auth: createAuthAgain(), createAuthAgain, ada };
}
