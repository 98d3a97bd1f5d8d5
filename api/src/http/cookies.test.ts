import { describe, expect, it } from 'vitest';
import { cookieName, readCookie, writeCookie } from './cookies.js';

describe('the refresh cookie', () => {
  const name = cookieName(4000);

  it('is out of reach of scripts and of other sites, and of other paths', () => {
    const cookie = writeCookie({ name, value: 'abc', expiresAt: new Date(0), isSecure: false });
    expect(cookie).toBe(
      'kairos_refresh_4000=abc; HttpOnly; SameSite=Strict; Path=/graphql; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    );
  });

  it('is Secure when the request came by https', () => {
    expect(writeCookie({ name, value: 'abc', expiresAt: new Date(0), isSecure: true })).toMatch(/; Secure$/);
  });

  it.each([
    ['a=1; kairos_refresh_4000=abc; b=2', 'abc'],
    ['kairos_refresh_4000=abc; kairos_refresh_4000=abc', 'abc'],
    ['kairos_refresh_4000=abc; kairos_refresh_4000=def', null],
    ['kairos_refresh_5000=abc', null],
    ['xkairos_refresh_4000=abc', null],
    ['kairos_refresh_4000=', null],
    [undefined, null],
  ])('in %s is %s', (header, value) => expect(readCookie(header, name)).toBe(value));
});
