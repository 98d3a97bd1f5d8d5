import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createSimulatedClock } from '@kairos/ports/testing';
import type { Instant } from '@kairos/schema';
import jwt from 'jsonwebtoken';
import { describe, expect, it } from 'vitest';
import { ACCESS_TOKEN_SECONDS, createAccessTokens } from './access-token.js';

const SECRET = 'q8R2mZ5tY7wK1xC4vB6nL9pS3dF0gHjA';
const START = Date.UTC(2026, 0, 1) as Instant;
const SUBJECT = { userId: 'user_1', username: 'Ada', role: 'TRADER' as const, tokenVersion: 3, familyId: 'fam' };

const setUp = () => {
  const clock = createSimulatedClock(START);
  return { clock, tokens: createAccessTokens(SECRET, { clock, randomId: () => 'id' }) };
};

const now = START / 1000;
const payload = {
  iss: 'kairos',
  aud: 'kairos-api',
  sub: 'user_1',
  jti: 'id',
  iat: now,
  exp: now + 60,
  name: 'Ada',
  role: 'TRADER',
  ver: 3,
  fam: 'fam',
};
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
/** A token with any header and payload, rightly signed with the server's own secret. */
const forge = (header: object, body: object, secret: string = SECRET): string => {
  const text = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${encode(body)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};
const unsigned = (alg: string): string => `${encode({ alg, typ: 'JWT' })}.${encode(payload)}.`;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const without = (field: string): object =>
  Object.fromEntries(Object.entries(payload).filter(([name]) => name !== field));

const altered = (): string => {
  const [head, , signature] = forge({}, payload).split('.');
  return `${head}.${encode({ ...payload, role: 'ADMIN' })}.${signature}`;
};

const refused: Record<string, string> = {
  'algorithm none': unsigned('none'),
  'algorithm None': unsigned('None'),
  'algorithm NONE': unsigned('NONE'),
  'a stripped signature': forge({}, payload).replace(/[^.]+$/, ''),
  'a truncated signature': forge({}, payload).slice(0, -4),
  'an altered payload': altered(),
  'another secret': forge({}, payload, 'x'.repeat(32)),
  'another HMAC': jwt.sign(payload, SECRET, { algorithm: 'HS512' }),
  'an RSA signature': jwt.sign(payload, rsa.privateKey, { algorithm: 'RS256' }),
  'a kid that is a path': forge({ kid: '../../dev/null' }, payload),
  'a kid that is SQL': forge({ kid: "' OR 1=1" }, payload),
  'an embedded jwk': forge({ jwk: { kty: 'oct', k: 'AAAA' } }, payload),
  'a jku': forge({ jku: 'http://127.0.0.1:1/keys' }, payload),
  'an x5u': forge({ x5u: 'http://127.0.0.1:1/keys' }, payload),
  'an unknown crit': forge({ crit: ['b64'] }, payload),
  'no exp': forge({}, without('exp')),
  'an exp that is text': forge({}, { ...payload, exp: '9999999999' }),
  'an exp far ahead': forge({}, { ...payload, exp: now + ACCESS_TOKEN_SECONDS + 1 }),
  'an nbf ahead': forge({}, { ...payload, nbf: now + 30 }),
  'another issuer': forge({}, { ...payload, iss: 'somebody' }),
  'another audience': forge({}, { ...payload, aud: 'somebody' }),
  'a list of audiences': forge({}, { ...payload, aud: ['kairos-api', 'x'] }),
  'no subject': forge({}, without('sub')),
  'no version': forge({}, without('ver')),
  'no family': forge({}, without('fam')),
  'an unknown role': forge({}, { ...payload, role: 'ROOT' }),
  'a refresh token': 'kq3Jm5N8vR1xT6wZ0cD2fG4hK7lP9sAbEuIyOoQrStU',
  nothing: '',
  'three dots': '...',
  'a megabyte': `${'a'.repeat(1_000_000)}.b.c`,
};

describe('access tokens', () => {
  it('say who they speak for, for 15 minutes', () => {
    const { tokens } = setUp();
    const { token, expiresAt } = tokens.issue(SUBJECT);
    expect(expiresAt).toBe(START + 15 * 60_000);
    expect(tokens.check(token)).toEqual({ ok: true, claims: { ...SUBJECT, expiresAt } });
  });

  it('are good when everything is as issued', () => {
    expect(setUp().tokens.check(forge({}, payload)).ok).toBe(true);
  });

  it('are EXPIRED when their time is over', async () => {
    const { clock, tokens } = setUp();
    const { token } = tokens.issue(SUBJECT);
    await clock.advance(15 * 60_000);
    expect(tokens.check(token)).toEqual({ ok: false, reason: 'EXPIRED' });
  });

  it.each(Object.entries(refused))('are refused with %s', (_name, token) =>
    expect(setUp().tokens.check(token)).toEqual({ ok: false, reason: 'INVALID' }),
  );
});
