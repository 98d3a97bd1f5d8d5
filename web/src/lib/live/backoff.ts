/** When to try again. */

export const BACKOFF_FIRST_MS = 500;
export const BACKOFF_MAX_MS = 15_000;

/** Wait before the attempt of this number (from 0): doubled each time up to 15 s, of which a random half to whole. */
export function backoffMs(attempt: number, random: number): number {
  const whole = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(whole * (0.5 + random / 2));
}

/** Whether a socket was closed for its token: expired, revoked or with other rights. A new token is needed first. */
export const isTokenRefused = (code: number): boolean => code === 4403;
