import { describe, expect, it } from 'vitest';
import type { Browser } from '../../test/auth-fixture.js';
import { browser, createAuthFixture, PASSWORD, user } from '../../test/auth-fixture.js';
import type { Auth } from './auth.js';
import { FAILURE_WINDOW_MS, FAILURES_PER_ADDRESS_MAX, FAILURES_PER_NAME_MAX } from './login-limits.js';
import { REPEAT_GRACE_MS } from './sessions.js';

const login = (auth: Auth, from: Browser, fields: { username?: string; password?: string } = {}) =>
  auth.login({ username: 'Ada', password: PASSWORD, code: null, ...fields }, from);
const codeOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => 'OK',
    (error: { code?: string }) => error.code,
  );
const outcome = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => 'OK',
    (error: { code?: string; message: string }) => `${error.code}: ${error.message}`,
  );

describe('login', () => {
  it('gives an access token and the refresh cookie', async () => {
    const { auth, viewers } = await createAuthFixture();
    const from = browser();
    const { accessToken, user: who } = await login(auth, from);
    expect(who.username).toBe('Ada');
    expect(from.refreshToken).toMatch(/^[\w-]{43}$/);
    expect(await viewers.fromToken(accessToken)).toMatchObject({
      ok: true,
      viewer: { username: 'Ada', role: 'TRADER' },
    });
  });

  it.each([['ADA'], ['  ada '], ['Ａｄａ']])('takes the name as %s', async (username) => {
    const { auth } = await createAuthFixture();
    expect(await codeOf(login(auth, browser(), { username }))).toBe('OK');
  });

  it.each([
    ['a wrong password', 'Ada', 'wrong password'],
    ['an unknown name', 'nobody', PASSWORD],
    ['a disabled user', 'Eve', PASSWORD],
    ['more than 72 bytes', 'Ada', 'ä'.repeat(37)],
    ['a NUL', 'Ada', `${PASSWORD}\0`],
    ['nothing', 'Ada', ''],
  ])('answers the same, after one comparison, to %s', async (_name, username, password) => {
    const { auth, app, hasher } = await createAuthFixture();
    await app.users.insert(user({ username: 'Eve', isDisabled: true }));
    expect(await outcome(login(auth, browser(), { username, password }))).toBe(
      'UNAUTHENTICATED: Wrong name or password.',
    );
    expect(hasher.compared).toHaveLength(1);
  });

  it('is refused over the socket, as are refresh and logout', async () => {
    const { auth } = await createAuthFixture();
    const socket = browser({ kind: 'socket' });
    const attempts = [login(auth, socket), auth.refresh(socket), auth.logout(false, null, socket)];
    expect(await Promise.all(attempts.map(codeOf))).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
  });
});

describe('guessing passwords', () => {
  const guess = async (auth: Auth, times: number, address = '203.0.113.1', username = 'Ada') => {
    for (let i = 0; i < times; i++) await codeOf(login(auth, browser({ address }), { username, password: 'a guess' }));
  };

  it('ends after 10 failures for a name, even with the right password, for 15 minutes', async () => {
    const { auth, clock } = await createAuthFixture();
    await guess(auth, FAILURES_PER_NAME_MAX);
    const late = login(auth, browser(), { username: 'ADA ' });
    await expect(late).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS', extensions: { retryAfterSeconds: 900 } });
    await clock.advance(FAILURE_WINDOW_MS + 1);
    expect(await codeOf(login(auth, browser()))).toBe('OK');
  });

  it('is counted over a restart', async () => {
    const { auth, createAuthAgain } = await createAuthFixture();
    await guess(auth, FAILURES_PER_NAME_MAX);
    expect(await codeOf(login(createAuthAgain(), browser()))).toBe('TOO_MANY_REQUESTS');
  });

  it('is counted alike for names that do not exist', async () => {
    const { auth } = await createAuthFixture();
    await guess(auth, FAILURES_PER_NAME_MAX, '203.0.113.1', 'nobody');
    expect(await codeOf(login(auth, browser(), { username: 'nobody' }))).toBe('TOO_MANY_REQUESTS');
  });

  it('does not lock out the owner at an address where they have logged in', async () => {
    const { auth } = await createAuthFixture();
    const home = { address: '198.51.100.7' };
    await login(auth, browser(home));
    await guess(auth, FAILURES_PER_NAME_MAX + 5, '203.0.113.66');
    expect(await codeOf(login(auth, browser({ address: '203.0.113.66' })))).toBe('TOO_MANY_REQUESTS');
    expect(await codeOf(login(auth, browser(home)))).toBe('OK');
    await guess(auth, FAILURES_PER_NAME_MAX, home.address);
    expect(await codeOf(login(auth, browser(home)))).toBe('TOO_MANY_REQUESTS');
  });

  it('ends after 50 failures from an address, whatever the names', async () => {
    const { auth } = await createAuthFixture();
    for (let i = 0; i < FAILURES_PER_ADDRESS_MAX; i++) await guess(auth, 1, '203.0.113.1', `name${i}`);
    expect(await codeOf(login(auth, browser(), { username: 'Ada' }))).toBe('TOO_MANY_REQUESTS');
    expect(await codeOf(login(auth, browser({ address: '198.51.100.7' })))).toBe('OK');
  });

  it('of other names from a shared address does not lock out who has logged in there', async () => {
    const { auth } = await createAuthFixture();
    await login(auth, browser());
    for (let i = 0; i < FAILURES_PER_ADDRESS_MAX; i++) await guess(auth, 1, '203.0.113.1', `name${i}`);
    expect(await codeOf(login(auth, browser(), { username: 'nobody' }))).toBe('TOO_MANY_REQUESTS');
    expect(await codeOf(login(auth, browser()))).toBe('OK');
    await guess(auth, FAILURES_PER_NAME_MAX);
    expect(await codeOf(login(auth, browser()))).toBe('TOO_MANY_REQUESTS');
  });

  it('never gets more tries by trying at the same time', async () => {
    const { auth, hasher } = await createAuthFixture();
    const attempts = Array.from({ length: 40 }, () => codeOf(login(auth, browser(), { password: 'a guess' })));
    const codes = await Promise.all(attempts);
    expect(codes.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(FAILURES_PER_NAME_MAX);
    expect(hasher.compared).toHaveLength(FAILURES_PER_NAME_MAX);
  });

  it('stays within 50 tries for many names at the same time', async () => {
    const { auth, hasher } = await createAuthFixture();
    const attempts = Array.from({ length: 80 }, (_, i) => codeOf(login(auth, browser(), { username: `name${i}` })));
    await Promise.all(attempts);
    expect(hasher.compared.length).toBeLessThanOrEqual(FAILURES_PER_ADDRESS_MAX);
  });
});

describe('refresh', () => {
  it('exchanges the token', async () => {
    const { auth } = await createAuthFixture();
    const from = browser();
    await login(auth, from);
    const first = from.refreshToken;
    await auth.refresh(from);
    expect(from.refreshToken).not.toBe(first);
    expect(await codeOf(auth.refresh(from))).toBe('OK');
  });

  it('gives the same successor any number of times within 10 s, also when asked at once', async () => {
    const { auth, clock } = await createAuthFixture();
    const from = browser();
    await login(auth, from);
    const tabs = Array.from({ length: 5 }, () => ({ ...browser(), refreshToken: from.refreshToken }));
    for (const tab of tabs) tab.setRefreshCookie = (token) => void (tab.refreshToken = token);
    const late = tabs.pop();
    await Promise.all(tabs.map((tab) => auth.refresh(tab)));
    await clock.advance(REPEAT_GRACE_MS);
    if (late) await auth.refresh(late);
    expect(new Set([...tabs, late].map((tab) => tab?.refreshToken)).size).toBe(1);
    expect(late?.refreshToken).not.toBe(from.refreshToken);
  });

  it('of a token used again later ends the whole family and says so in the audit', async () => {
    const { auth, app, clock, viewers } = await createAuthFixture();
    const owner = browser();
    const { accessToken } = await login(auth, owner);
    const thief = browser();
    thief.refreshToken = owner.refreshToken;
    await auth.refresh(owner);
    await clock.advance(REPEAT_GRACE_MS + 1);
    expect(await codeOf(auth.refresh(thief))).toBe('UNAUTHENTICATED');
    expect(await codeOf(auth.refresh(owner))).toBe('UNAUTHENTICATED');
    expect(await viewers.fromToken(accessToken)).toMatchObject({ ok: false, reason: 'REVOKED' });
    expect((await app.audit.list(1))[0]).toMatchObject({ action: 'REFRESH_TOKEN_REUSED', actor: 'Ada' });
  });

  it('leaves other logins of the user alone when one family ends', async () => {
    const { auth, clock } = await createAuthFixture();
    const phone = browser();
    await login(auth, phone);
    const desk = browser();
    await login(auth, desk);
    const old = { ...browser(), refreshToken: desk.refreshToken };
    await auth.refresh(desk);
    await clock.advance(REPEAT_GRACE_MS + 1);
    await codeOf(auth.refresh(old));
    expect(await codeOf(auth.refresh(phone))).toBe('OK');
  });

  it.each([[null], ['x'], ['A'.repeat(43)]])('refuses the token %s', async (token) => {
    const { auth } = await createAuthFixture();
    expect(await codeOf(auth.refresh({ ...browser(), refreshToken: token }))).toBe('UNAUTHENTICATED');
  });

  it('refuses an access token in its place, and the other way round', async () => {
    const { auth, viewers } = await createAuthFixture();
    const from = browser();
    const { accessToken } = await login(auth, from);
    expect(await viewers.fromToken(from.refreshToken ?? '')).toMatchObject({ ok: false, reason: 'INVALID' });
    expect(await codeOf(auth.refresh({ ...browser(), refreshToken: accessToken }))).toBe('UNAUTHENTICATED');
  });

  it('ends with the user', async () => {
    const { auth, app, ada } = await createAuthFixture();
    const from = browser();
    await login(auth, from);
    await app.users.replace({ ...ada, isDisabled: true }, 1);
    expect(await codeOf(auth.refresh(from))).toBe('UNAUTHENTICATED');
    expect(from.refreshToken).toBeNull();
  });

  it('stores no token as it is', async () => {
    const { auth, app } = await createAuthFixture();
    const from = browser();
    await login(auth, from);
    const first = from.refreshToken ?? '';
    await auth.refresh(from);
    const { hashOfToken } = await import('./refresh-token.js');
    const stored = JSON.stringify([
      await app.sessions.byHash(hashOfToken(first)),
      await app.sessions.byHash(hashOfToken(from.refreshToken ?? '')),
    ]);
    expect(stored).not.toContain(first);
    expect(stored).not.toContain(from.refreshToken);
  });
});

describe('logout', () => {
  it('ends the login at once: token, cookie and family', async () => {
    const { auth, viewers } = await createAuthFixture();
    const from = browser();
    const { accessToken } = await login(auth, from);
    const cookie = from.refreshToken;
    const check = await viewers.fromToken(accessToken);
    await auth.logout(false, check.ok ? check.viewer : null, from);
    expect(from.refreshToken).toBeNull();
    expect(await viewers.fromToken(accessToken)).toMatchObject({ reason: 'REVOKED' });
    expect(await codeOf(auth.refresh({ ...browser(), refreshToken: cookie }))).toBe('UNAUTHENTICATED');
  });

  it('with the cookie alone ends that login and no other', async () => {
    const { auth } = await createAuthFixture();
    const phone = browser();
    await login(auth, phone);
    const desk = browser();
    const old = { ...browser(), refreshToken: (await login(auth, desk), desk.refreshToken) };
    await auth.logout(false, null, desk);
    expect(await codeOf(auth.refresh(old))).toBe('UNAUTHENTICATED');
    expect(await codeOf(auth.refresh(phone))).toBe('OK');
  });

  it('everywhere ends every login of the user', async () => {
    const { auth } = await createAuthFixture();
    const phone = browser();
    await login(auth, phone);
    const desk = browser();
    await login(auth, desk);
    await auth.logout(true, null, desk);
    expect(await codeOf(auth.refresh(phone))).toBe('UNAUTHENTICATED');
  });

  it('of nobody is no error', async () => {
    const { auth } = await createAuthFixture();
    expect(await codeOf(auth.logout(true, null, browser()))).toBe('OK');
  });
});

describe('changePassword', () => {
  const setUp = async () => {
    const fixture = await createAuthFixture();
    const from = browser();
    const { accessToken } = await login(fixture.auth, from);
    const check = await fixture.viewers.fromToken(accessToken);
    if (!check.ok) throw new Error('expected a viewer');
    return { ...fixture, from, accessToken, viewer: check.viewer };
  };

  it('takes the new password and no longer the old one', async () => {
    const { auth, viewer, from } = await setUp();
    await auth.changePassword({ current: PASSWORD, next: 'another horse' }, viewer, from);
    expect(await codeOf(login(auth, browser()))).toBe('UNAUTHENTICATED');
    expect(await codeOf(login(auth, browser(), { password: 'another horse' }))).toBe('OK');
  });

  it('ends other logins and access tokens; this browser goes on with its new cookie', async () => {
    const { auth, viewer, viewers, from, accessToken } = await setUp();
    const phone = browser();
    await login(auth, phone);
    await auth.changePassword({ current: PASSWORD, next: 'another horse' }, viewer, from);
    expect(await codeOf(auth.refresh(phone))).toBe('UNAUTHENTICATED');
    expect(await viewers.fromToken(accessToken)).toMatchObject({ reason: 'REVOKED' });
    expect(await codeOf(auth.refresh(from))).toBe('OK');
  });

  it('clears mustChangePassword', async () => {
    const { auth, viewer, from, app, ada } = await setUp();
    await app.users.replace({ ...ada, mustChangePassword: true }, 1);
    await auth.changePassword({ current: PASSWORD, next: 'another horse' }, viewer, from);
    expect(await app.users.byId(ada.id)).toMatchObject({ mustChangePassword: false, tokenVersion: 2 });
  });

  it.each([
    ['too short', 'short', /8 to 72 bytes/],
    ['too long', 'ä'.repeat(37), /8 to 72 bytes/],
    ['with a NUL', 'another\0horse', /NUL/],
    ['the current one', PASSWORD, /other than the current/],
    ['the one that everybody knows', 'admin123', /default/],
  ])('refuses a password that is %s', async (_name, next, words) => {
    const { auth, viewer, from } = await setUp();
    await expect(auth.changePassword({ current: PASSWORD, next }, viewer, from)).rejects.toThrow(words);
  });

  it('counts wrong guesses of the current password like failed logins', async () => {
    const { auth, viewer } = await setUp();
    const thief = browser({ address: '203.0.113.99' });
    const attempt = () => codeOf(auth.changePassword({ current: 'a guess', next: 'another horse' }, viewer, thief));
    for (let i = 0; i < FAILURES_PER_NAME_MAX; i++) expect(await attempt()).toBe('BAD_USER_INPUT');
    expect(await attempt()).toBe('TOO_MANY_REQUESTS');
  });
});

describe('who stands behind a token', () => {
  const setUp = async () => {
    const fixture = await createAuthFixture();
    const { accessToken } = await login(fixture.auth, browser());
    const check = async () => {
      await fixture.clock.advance(2_000);
      return fixture.viewers.fromToken(accessToken);
    };
    await check();
    return { ...fixture, check };
  };

  it.each([
    ['disabled', { isDisabled: true, tokenVersion: 2 }, 'REVOKED'],
    ['of a lower role', { role: 'VIEWER' as const, tokenVersion: 2 }, 'LOWERED'],
    ['of a higher role', { role: 'ADMIN' as const, tokenVersion: 2 }, 'REVOKED'],
    ['of another password', { tokenVersion: 2 }, 'REVOKED'],
  ])('is asked again within 2 s: a user that is %s is refused', async (_name, change, reason) => {
    const { app, ada, check } = await setUp();
    await app.users.replace({ ...ada, ...change }, 1);
    expect(await check()).toEqual({ ok: false, reason });
  });

  it('is known while the store is down', async () => {
    const { server, check } = await setUp();
    server.setDown(true);
    expect(await check()).toMatchObject({ ok: true, viewer: { username: 'Ada', role: 'TRADER' } });
  });
});
