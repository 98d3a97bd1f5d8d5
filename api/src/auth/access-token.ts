/**
 * Access tokens: JWTs signed with HS256 and nothing else, 15 minutes long. Everything in them is checked; whether the
 * user still stands behind them is asked elsewhere (`viewers.ts`).
 */
import type { Clock } from '@kairos/ports';
import { ROLES, type Role } from '@kairos/ports';
import jwt from 'jsonwebtoken';
import { z } from 'zod';

export const ACCESS_TOKEN_SECONDS = 15 * 60;
const TOKEN_LENGTH_MAX = 4_096;
const ISSUER = 'kairos';
const AUDIENCE = 'kairos-api';

/** Who a token speaks for, as of its issue. */
export interface AccessClaims {
  readonly userId: string;
  readonly username: string;
  readonly role: Role;
  readonly tokenVersion: number;
  readonly familyId: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** EXPIRED: it was good once. INVALID: it never was. */
export type TokenCheck =
  { readonly ok: true; readonly claims: AccessClaims } | { readonly ok: false; readonly reason: 'EXPIRED' | 'INVALID' };

export interface AccessTokens {
  issue(subject: Omit<AccessClaims, 'expiresAt'>): { readonly token: string; readonly expiresAt: number };
  check(token: string): TokenCheck;
}

const payloadShape = z.strictObject({
  iss: z.literal(ISSUER),
  aud: z.literal(AUDIENCE),
  sub: z.string().min(1),
  jti: z.string().min(1),
  iat: z.int(),
  exp: z.int(),
  name: z.string(),
  role: z.enum(ROLES),
  ver: z.int(),
  fam: z.string().min(1),
});
const headerShape = z.strictObject({ alg: z.literal('HS256'), typ: z.literal('JWT') });

const INVALID = { ok: false, reason: 'INVALID' } as const;

export function createAccessTokens(
  secret: string,
  deps: { readonly clock: Clock; readonly randomId: () => string },
): AccessTokens {
  const nowSeconds = () => Math.floor(deps.clock.now() / 1000);

  return {
    issue(subject) {
      const iat = nowSeconds();
      const exp = iat + ACCESS_TOKEN_SECONDS;
      const { username: name, role, tokenVersion: ver, familyId: fam } = subject;
      const payload = { iss: ISSUER, aud: AUDIENCE, sub: subject.userId, jti: deps.randomId(), iat, exp };
      const token = jwt.sign({ ...payload, name, role, ver, fam }, secret, { algorithm: 'HS256' });
      return { token, expiresAt: exp * 1000 };
    },
    check(token) {
      if (token.length > TOKEN_LENGTH_MAX) return INVALID;
      try {
        const { header, payload } = jwt.verify(token, secret, {
          algorithms: ['HS256'],
          issuer: ISSUER,
          audience: AUDIENCE,
          clockTimestamp: nowSeconds(),
          complete: true,
        });
        return readToken(header, payload, nowSeconds());
      } catch (error) {
        return error instanceof jwt.TokenExpiredError ? { ok: false, reason: 'EXPIRED' } : INVALID;
      }
    },
  };
}

/** Claims of a token whose signature holds: nothing may be missing, unknown or out of its range. */
function readToken(header: unknown, payload: unknown, now: number): TokenCheck {
  const body = payloadShape.safeParse(payload);
  if (!headerShape.safeParse(header).success || !body.success) return INVALID;
  const { sub, name, role, ver, fam, exp, iat } = body.data;
  if (exp - iat > ACCESS_TOKEN_SECONDS || iat > now + ACCESS_TOKEN_SECONDS) return INVALID;
  const claims = { userId: sub, username: name, role, tokenVersion: ver, familyId: fam, expiresAt: exp * 1000 };
  return { ok: true, claims };
}
