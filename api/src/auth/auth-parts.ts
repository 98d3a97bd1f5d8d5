/** Auth put together from a store, a clock and secrets. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { AppStore, Clock } from '@kairos/ports';
import { createAccessTokens } from './access-token.js';
import type { Auth } from './auth.js';
import { createAuth } from './auth.js';
import type { PasswordHasher, PasswordHasherOptions } from './password-hasher.js';
import { createPasswordHasher } from './password-hasher.js';
import { createSealer } from './refresh-token.js';
import type { Viewers } from './viewers.js';
import { createViewers } from './viewers.js';

export interface AuthParts {
  readonly auth: Auth;
  readonly viewers: Viewers;
  readonly hasher: PasswordHasher;
}

export interface AuthPartsDeps {
  readonly app: AppStore;
  readonly clock: Clock;
  readonly secrets: { readonly jwtSecret: string; readonly encryptionKey: string };
}

/** Tokens and ids are random: here, and only here, randomness comes from the machine. */
export function createAuthParts({ app, clock, secrets }: AuthPartsDeps, options?: PasswordHasherOptions): AuthParts {
  const random = randomBytes;
  const randomId = randomUUID;
  const hasher = createPasswordHasher(options);
  const tokens = createAccessTokens(secrets.jwtSecret, { clock, randomId });
  const viewers = createViewers({ app, tokens, clock });
  const sealer = createSealer(secrets.encryptionKey, random);
  const auth = createAuth({ app, clock, hasher, tokens, viewers, random, randomId, sealer });
  return { auth, viewers, hasher };
}
