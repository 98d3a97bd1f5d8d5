/** The refresh cookie: readable by nobody but this server, sent to /graphql alone and by no other site. */

export const COOKIE_PATH = '/graphql';

/** The cookie of the server on this port: several on one machine do not take each other's. */
export const cookieName = (port: number): string => `kairos_refresh_${port}`;

/** A cookie's value in a Cookie header; null when it is not there, or there more than once with different values. */
export function readCookie(header: string | undefined, name: string): string | null {
  const values = new Set<string>();
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) values.add(part.slice(at + 1).trim());
  }
  const [value] = values;
  return values.size === 1 && value ? value : null;
}

export interface CookieToSet {
  readonly name: string;
  /** Null: the browser is to forget it. */
  readonly value: string | null;
  readonly expiresAt: Date;
  readonly isSecure: boolean;
}

/** A Set-Cookie header. */
export function writeCookie({ name, value, expiresAt, isSecure }: CookieToSet): string {
  const attributes = ['HttpOnly', 'SameSite=Strict', `Path=${COOKIE_PATH}`, `Expires=${expiresAt.toUTCString()}`];
  return [`${name}=${value ?? ''}`, ...attributes, ...(isSecure ? ['Secure'] : [])].join('; ');
}
