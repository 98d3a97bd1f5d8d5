import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerFixture } from './server-fixture.js';
import { codesOf, cookieOf, LOGIN, PASSWORD, SECRETS, startServer } from './server-fixture.js';

let server: ServerFixture;
beforeAll(async () => {
  server = await startServer({ ALLOWED_ORIGINS: 'https://friend.example', TRUST_PROXY: '0' });
});
afterAll(() => server.stop());

const ME = '{me{username role mustChangePassword accounts{id}}}';
const REFRESH = 'mutation{refresh{accessToken user{username}}}';
const own = () => `http://localhost:${server.port}`;

describe('login over HTTP', () => {
  it('gives a token that the API takes, and a cookie of this port', async () => {
    const answer = await server.post(LOGIN, { variables: { name: ' ADMIN ', word: PASSWORD } });
    const cookie = answer.headers['set-cookie']?.[0] ?? '';
    expect(cookie).toMatch(
      new RegExp(`^kairos_refresh_${server.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/graphql;`),
    );
    expect(cookie).not.toContain('Secure');
    const { accessToken } = answer.json.data?.['login'] as unknown as { accessToken: string };
    const me = await server.post(ME, { token: accessToken });
    expect(me.json.data).toEqual({
      me: { username: 'admin', role: 'ADMIN', mustChangePassword: false, accounts: [] },
    });
  });

  it('makes the cookie Secure behind a trusted proxy that took https', async () => {
    await using behind = await startServer({ TRUST_PROXY: '1' });
    const headers = { 'x-forwarded-proto': 'https' };
    const answer = await behind.post(LOGIN, { variables: { name: 'admin', word: PASSWORD }, headers });
    expect(answer.headers['set-cookie']?.[0]).toMatch(/; Secure$/);
    expect(answer.headers['strict-transport-security']).toBeDefined();
  });

  it('answers a wrong name and a wrong password in the same words', async () => {
    const wrong = [
      { name: 'admin', word: 'wrong password' },
      { name: 'nobody', word: PASSWORD },
      { name: 'nobody', word: 'x'.repeat(90_000) },
    ];
    const answers = await Promise.all(wrong.map((variables) => server.post(LOGIN, { variables })));
    const seen = answers.map((answer) => [answer.status, answer.text, answer.headers['set-cookie']]);
    expect(new Set(seen.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(codesOf(answers[0]!)).toEqual(['UNAUTHENTICATED']);
  });

  it('is limited whatever X-Forwarded-For and the spelling of the name say', async () => {
    await using fresh = await startServer();
    const tries = ['admin', ' admin', 'ADMIN', 'Admin ', 'ａdmin', 'aDmin', 'admIn', 'admin', 'admin', 'admin'];
    for (const [i, name] of tries.entries()) {
      await fresh.post(LOGIN, {
        variables: { name, word: 'a guess' },
        headers: { 'x-forwarded-for': `198.51.100.${i}` },
      });
    }
    const answer = await fresh.post(LOGIN, { variables: { name: 'admin', word: PASSWORD } });
    expect(answer.json.errors?.[0]?.extensions).toEqual({ code: 'TOO_MANY_REQUESTS', retryAfterSeconds: 900 });
  });

  it.each([
    [
      'alias',
      'mutation{a:login(username:"a",password:"b"){accessToken} b:login(username:"a",password:"c"){accessToken}}',
    ],
    ['fragment', 'mutation{...F ...F} fragment F on Mutation{login(username:"a",password:"b"){accessToken}}'],
    ['a mix with changePassword', 'mutation{refresh{accessToken} changePassword(current:"a",next:"b")}'],
  ])('tries one password per operation, not more by %s', async (_name, query) => {
    const answer = await server.post(query);
    expect([answer.status, codesOf(answer), answer.json.data ?? null]).toEqual([400, ['BAD_USER_INPUT'], null]);
  });

  it('lets the event loop breathe under 60 logins at once', async () => {
    await using fresh = await startServer({}, { hasher: { cost: 6, workers: 2 } });
    const logins = Array.from({ length: 60 }, () =>
      fresh.post(LOGIN, { variables: { name: 'admin', word: PASSWORD } }),
    );
    const startedAt = performance.now();
    await fresh.ask({ path: '/healthz' });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    const codes = (await Promise.all(logins)).flatMap(codesOf);
    expect(codes.every((code) => code === 'TOO_MANY_REQUESTS')).toBe(true);
  });
});

describe('the refresh cookie', () => {
  const refresh = (cookie: string, headers: Record<string, string> = {}) =>
    server.post(REFRESH, { headers: { cookie, ...headers } });

  it('is exchanged for a new one and a new token', async () => {
    const { cookie } = await server.login();
    const answer = await refresh(cookie, { origin: own(), host: `localhost:${server.port}` });
    expect(answer.json.data?.['refresh']).toMatchObject({ user: { username: 'admin' } });
    expect(cookieOf(answer)).not.toBe(cookie);
    expect(cookieOf(await refresh(cookie))).toBe(cookieOf(answer));
  });

  it.each([
    ['of an allowed, but not own, origin', { origin: 'https://friend.example' }],
    ['that another site caused', { 'sec-fetch-site': 'cross-site' }],
    ['that a sister site caused', { 'sec-fetch-site': 'same-site' }],
  ])('does not count in a request %s', async (_name, headers) => {
    const { cookie } = await server.login();
    expect(codesOf(await refresh(cookie, headers as unknown as Record<string, string>))).toEqual(['UNAUTHENTICATED']);
    expect(codesOf(await refresh(cookie))).toEqual([]);
  });

  it('is not an access token: with it alone nothing else is answered', async () => {
    const { cookie } = await server.login();
    expect(codesOf(await server.post(ME, { headers: { cookie } }))).toEqual(['UNAUTHENTICATED']);
  });

  it('is taken back by logout, and ends with it', async () => {
    const { cookie, token } = await server.login();
    const answer = await server.post('mutation{logout}', { token, headers: { cookie } });
    expect(answer.json.data).toEqual({ logout: true });
    expect(answer.headers['set-cookie']?.[0]).toContain('=; HttpOnly');
    expect(codesOf(await refresh(cookie))).toEqual(['UNAUTHENTICATED']);
    expect(codesOf(await server.post(ME, { token }))).toEqual(['UNAUTHENTICATED']);
  });
});

describe('an access token', () => {
  it.each([
    ['nothing', undefined],
    ['garbage', 'Bearer garbage'],
    ['another scheme', 'Basic YWRtaW46eA=='],
    ['a forged one', `Bearer ${forged()}`],
  ])('that is %s is no viewer', async (_name, authorization) => {
    const answer = await server.post(ME, { headers: authorization === undefined ? {} : { authorization } });
    expect(codesOf(answer)).toEqual(['UNAUTHENTICATED']);
  });

  it('in the URL or the body counts for nothing', async () => {
    const { token } = await server.login();
    const answer = await server.ask({
      method: 'POST',
      path: `/graphql?access_token=${token}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: ME, extensions: { authorization: `Bearer ${token}` } }),
    });
    expect(codesOf(answer)).toEqual(['UNAUTHENTICATED']);
  });

  it('ends after 15 minutes', async () => {
    await using own = await startServer();
    const { token } = await own.login();
    await own.clock.advance(15 * 60_000 - 1_000);
    expect(codesOf(await own.post(ME, { token }))).toEqual([]);
    await own.clock.advance(1_000);
    expect(codesOf(await own.post(ME, { token }))).toEqual(['UNAUTHENTICATED']);
  });

  it('changes the password, and is then itself no longer good', async () => {
    await using own = await startServer();
    const { token } = await own.login();
    const change = 'mutation($a:String!,$b:String!){changePassword(current:$a,next:$b)}';
    const answer = await own.post(change, { token, variables: { a: PASSWORD, b: 'another horse' } });
    expect(answer.json.data).toEqual({ changePassword: true });
    expect(codesOf(await own.post(ME, { token }))).toEqual(['UNAUTHENTICATED']);
    expect(codesOf(await own.post(REFRESH, { headers: { cookie: cookieOf(answer) } }))).toEqual([]);
    await own.login('admin', 'another horse');
  });
});

describe('what is kept to oneself', () => {
  it('is every secret: none is in the log, in metrics or in an error', async () => {
    await using own = await startServer();
    const { token, cookie } = await own.login();
    await own.post(LOGIN, { variables: { name: 'admin', word: 'canary-password' } });
    await own.post(REFRESH, { headers: { cookie } });
    own.storeServer.setDown(true);
    const failed = await own.post(ME, { token, headers: { cookie } });
    const seen = [...own.log.lines, (await own.ask({ path: '/metrics' })).text, failed.text].join('\n');
    const hash = '$2b$';
    for (const secret of [
      token,
      cookie.split('=')[1] ?? cookie,
      PASSWORD,
      'canary-password',
      hash,
      ...Object.values(SECRETS),
    ]) {
      expect(seen).not.toContain(secret);
    }
  });

  it('is what went wrong inside: the client gets UNAVAILABLE, no stack and no path', async () => {
    await using own = await startServer();
    const { token } = await own.login();
    await own.clock.advance(3_000);
    await own.post(ME, { token });
    own.storeServer.setDown(true);
    const answer = await own.post(ME, { token });
    expect(codesOf(answer)).toEqual(['UNAVAILABLE']);
    expect(answer.text).not.toMatch(/\bat |\.ts|\.js|node_modules|users\./);
  });
});

function forged(): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: 'user_1', role: 'ADMIN', exp: 9_999_999_999 })}`;
  return `${text}.${createHmac('sha256', 'guess').update(text).digest('base64url')}`;
}
