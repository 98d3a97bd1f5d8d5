import { describe, expect, it, vi } from 'vitest';
import type { ApiOptions } from '../src/server.js';
import { SOCKET_LIMITS } from '../src/socket/socket-limits.js';
import { startServer } from './server-fixture.js';
import { openSession, openSocket } from './socket-fixture.js';
import { createStreamSchema } from './stream-schema.js';

interface SetUpOptions extends ApiOptions {
  readonly frameBytes?: number;
  readonly env?: Record<string, string>;
}

/** A server with the schema of streams, and a token of a trader. */
async function setUp({ frameBytes = 1, env = {}, ...options }: SetUpOptions = {}) {
  const { schema, probe } = createStreamSchema(frameBytes);
  const server = await startServer({ ALLOWED_ORIGINS: 'https://friend.example', ...env }, { schema, ...options });
  const ada = await server.addUser({ username: 'Ada' });
  const { token, familyId } = await server.grant('ada');
  return { ...server, probe, ada, token, familyId, [Symbol.asyncDispose]: () => server.stop() };
}

const subscribe = (id: string, query: string, variables?: object) => ({
  id,
  type: 'subscribe',
  payload: { query, ...(variables ? { variables } : {}) },
});
const SILENCE = 'subscription{silence}';

describe('an upgrade', () => {
  it.each([
    ['of a foreign host', { headers: { host: 'evil.example' } }, '421'],
    ['of a foreign origin', { headers: { origin: 'https://evil.example' } }, '403'],
    ['of the origin null', { headers: { origin: 'null' } }, '403'],
    ['at another path', { path: '/socket' }, '404'],
  ])('%s is refused', async (_name, options, status) => {
    await using server = await setUp();
    await expect(openSocket(server.port, options)).rejects.toThrow(status);
  });

  it.each([[undefined], ['https://friend.example'], ['own']])('of the origin %s is taken', async (origin) => {
    await using server = await setUp();
    const own = origin === 'own' ? `http://127.0.0.1:${server.port}` : origin;
    await using socket = await openSocket(server.port, own ? { headers: { origin: own } } : {});
    expect(socket.raw.readyState).toBe(socket.raw.OPEN);
    expect(socket.raw.extensions).toBe('');
  });

  it('of another protocol is closed', async () => {
    await using server = await setUp();
    await expect(openSocket(server.port, { protocol: 'graphql-ws' })).rejects.toThrow();
  });

  it('is refused while there are as many sockets as there may be', async () => {
    await using server = await setUp({ socketLimits: { sockets: 2 } });
    await using _first = await openSocket(server.port);
    await using _second = await openSocket(server.port);
    await expect(openSocket(server.port)).rejects.toThrow('503');
  });
});

describe('connection_init', () => {
  it.each([
    ['no payload', undefined],
    ['no token', {}],
    ['garbage', { authorization: 'Bearer garbage' }],
    ['a token that is no text', { authorization: { $ne: null } }],
    ['the token under another name', { token: 'x' }],
  ])('with %s is closed with 4403, without any data', async (_name, payload) => {
    await using server = await setUp();
    await using socket = await openSocket(server.port);
    socket.send({ type: 'connection_init', payload });
    expect(await socket.closed).toEqual({ code: 4403, reason: 'forbidden' });
    expect(socket.unread).toEqual([]);
  });

  it('with a token that has ended is closed with 4403 token-expired', async () => {
    await using server = await setUp();
    await server.clock.advance(15 * 60_000);
    await using socket = await openSocket(server.port);
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${server.token}` } });
    expect(await socket.closed).toEqual({ code: 4403, reason: 'token-expired' });
  });

  it('with a revoked token is closed with 4403 revoked', async () => {
    await using server = await setUp();
    await server.store.app.sessions.revokeFamily(server.familyId);
    await using socket = await openSocket(server.port);
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${server.token}` } });
    expect(await socket.closed).toEqual({ code: 4403, reason: 'revoked' });
  });

  it('that does not come in time is closed with 4408', async () => {
    await using server = await setUp({ socketLimits: { initWaitMs: 20 } });
    await using socket = await openSocket(server.port);
    expect((await socket.closed).code).toBe(4408);
  });

  it('has 5 s by default', () => expect(SOCKET_LIMITS.initWaitMs).toBe(5_000));

  it('that comes twice is closed', async () => {
    await using server = await setUp();
    await using socket = await openSession(server.port, server.token);
    socket.send({ type: 'connection_init' });
    expect((await socket.closed).code).toBe(4429);
  });

  it('comes before anything else', async () => {
    await using server = await setUp();
    await using socket = await openSocket(server.port);
    socket.send(subscribe('1', '{transport}'));
    expect((await socket.closed).code).toBe(4401);
    expect(server.probe.begun).toBe(0);
  });

  it('for the 11th socket of one user is closed with 1013', async () => {
    await using server = await setUp();
    const sockets = [];
    for (let i = 0; i < SOCKET_LIMITS.socketsPerUser; i++) sockets.push(await openSession(server.port, server.token));
    await using late = await openSocket(server.port);
    late.send({ type: 'connection_init', payload: { authorization: `Bearer ${server.token}` } });
    expect(await late.closed).toEqual({ code: 1013, reason: 'too-many-sockets' });
    for (const socket of sockets) await socket[Symbol.asyncDispose]();
  });
});

describe('an operation on a socket', () => {
  it('is answered for the viewer of the token; cookies count for nothing', async () => {
    await using server = await setUp();
    const headers = { cookie: `kairos_refresh_${server.port}=${'A'.repeat(43)}` };
    await using socket = await openSocket(server.port, { headers });
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${server.token}` } });
    await socket.next();
    socket.send(subscribe('1', '{me transport}'));
    expect(await socket.next()).toMatchObject({
      type: 'next',
      payload: { data: { me: 'Ada', transport: 'socket null' } },
    });
    expect(await socket.next()).toEqual({ id: '1', type: 'complete' });
  });

  const refused: Record<string, [string, RegExp]> = {
    'text that is no GraphQL': ['{', /Syntax Error/],
    'an unknown field': ['{nothing}', /Cannot query field/],
    'more than 2,000 tokens': [`{${'me '.repeat(2_001)}}`, /more tha[nt] 2000 tokens/],
    '20,000 levels': [`${'{a'.repeat(20_000)}${'}'.repeat(20_000)}`, /nested too deeply/],
    'more than 10 levels': [`{${'a{'.repeat(10)}a${'}'.repeat(10)}}`, /levels/],
    'more than 100 aliases': [
      `{${Array.from({ length: 101 }, (_, i) => `a${i}:me`).join(' ')}}`,
      /root fields|aliases/,
    ],
    'a fragment cycle': ['{...A} fragment A on Query{...A}', /contains itself/],
    'several operations and no name': ['query A{me} query B{me}', /operationName/],
    'two root fields of a subscription': ['subscription{a:silence b:silence}', /one top level field/],
    'a wrong argument': ['{whole(n:"x")}', /Int cannot represent/],
  };
  it.each(Object.entries(refused))('is refused before it runs: %s', async (_name, [query, words]) => {
    await using server = await setUp();
    await using socket = await openSession(server.port, server.token);
    socket.send(subscribe('1', query));
    const answer = await socket.next();
    expect(answer.type).toBe('error');
    const [error] = answer.payload as { message: string; extensions: object }[];
    expect(error?.message).toMatch(words);
    expect(error?.extensions).toEqual({ code: 'BAD_USER_INPUT' });
    expect(server.probe.begun).toBe(0);
  });

  it('is told nothing of the schema where INTROSPECTION is off', async () => {
    await using server = await setUp({ env: { INTROSPECTION: 'false' } });
    await using socket = await openSession(server.port, server.token);
    socket.send(subscribe('1', '{__schema{types{name}}}'));
    expect((await socket.next()).type).toBe('error');
    socket.send(subscribe('2', '{mee}'));
    expect(JSON.stringify(await socket.next())).not.toContain('Did you mean');
  });

  it.each([
    ['a resolver', '{fails(kind:"plain")}', 'INTERNAL'],
    ['a resolver with a GraphQLError', '{fails(kind:"graphql")}', 'INTERNAL'],
    ['a resolver, on purpose', '{fails(kind:"missing")}', 'NOT_FOUND'],
    ['the beginning of a stream', 'subscription{refuses(kind:"plain")}', 'INTERNAL'],
    ['the beginning of a stream, on purpose', 'subscription{refuses(kind:"conflict")}', 'CONFLICT'],
    ['a stream', 'subscription{fails(kind:"plain")}', 'INTERNAL'],
    ['a stream, on purpose', 'subscription{fails(kind:"conflict")}', 'CONFLICT'],
  ])('that fails in %s says no more than it may', async (_name, query, code) => {
    await using server = await setUp();
    await using socket = await openSession(server.port, server.token);
    socket.send(subscribe('1', query));
    let text = JSON.stringify(await socket.next());
    if (!text.includes('extensions')) text = JSON.stringify(await socket.next());
    expect(text).toContain(`"code":"${code}"`);
    expect(text).not.toContain('secret');
    expect(text.includes('correlationId')).toBe(code === 'INTERNAL');
  });

  it('beyond the 20th at once is refused, and the others go on', async () => {
    await using server = await setUp();
    await using socket = await openSession(server.port, server.token);
    for (let i = 0; i < SOCKET_LIMITS.operationsPerSocket; i++) socket.send(subscribe(`s${i}`, SILENCE));
    socket.send(subscribe('late', SILENCE));
    expect(await socket.next()).toMatchObject({
      id: 'late',
      type: 'error',
      payload: [{ extensions: { code: 'TOO_MANY_REQUESTS' } }],
    });
    expect(server.probe.begun).toBe(SOCKET_LIMITS.operationsPerSocket);
    socket.send({ id: 's0', type: 'complete' });
    await vi.waitFor(() => expect(server.probe.ended).toBe(1));
    socket.send(subscribe('again', SILENCE));
    await vi.waitFor(() => expect(server.probe.begun).toBe(SOCKET_LIMITS.operationsPerSocket + 1));
  });

  it('ends with its socket', async () => {
    await using server = await setUp();
    const socket = await openSession(server.port, server.token);
    socket.send(subscribe('1', SILENCE));
    await vi.waitFor(() => expect(server.probe.begun).toBe(1));
    socket.raw.terminate();
    await vi.waitFor(() => expect(server.probe.ended).toBe(1));
  });
});

describe('a message', () => {
  it.each([
    ['that is no JSON', '{', 4400],
    ['of an unknown type', '{"type":"start"}', 4400],
    ['without a type', '[]', 4400],
    ['larger than 64 KiB', `{"type":"ping","payload":{"x":"${'x'.repeat(64 * 1024)}"}}`, 1009],
  ])('%s closes the socket', async (_name, text, code) => {
    await using server = await setUp();
    await using socket = await openSession(server.port, server.token);
    socket.send(text);
    expect((await socket.closed).code).toBe(code);
    expect((await server.ask({ path: '/healthz' })).status).toBe(200);
  });

  it('is one too many after 1,000 in 10 s', async () => {
    await using server = await setUp({ socketLimits: { messagesPer10s: 50 } });
    await using socket = await openSession(server.port, server.token);
    for (let i = 0; i < 60; i++) socket.send({ type: 'pong' });
    expect(await socket.closed).toEqual({ code: 1008, reason: 'too-many-messages' });
  });
});

describe('a token that', () => {
  const WITHIN_5_S = 5_000;
  /** Lets time pass until the socket closes, at most 5 s. */
  const advance = async (server: Awaited<ReturnType<typeof setUp>>) => {
    for (let passed = 0; passed < WITHIN_5_S; passed += 500) await server.clock.advance(500);
  };
  const subscribed = async (server: Awaited<ReturnType<typeof setUp>>) => {
    const socket = await openSession(server.port, server.token);
    socket.send(subscribe('1', SILENCE));
    await vi.waitFor(() => expect(server.probe.begun).toBe(1));
    return socket;
  };

  it('runs out ends its sockets within 5 s', async () => {
    await using server = await setUp();
    await using socket = await subscribed(server);
    await server.clock.advance(15 * 60_000 - 2_000);
    socket.raw.ping();
    expect(socket.raw.readyState).toBe(socket.raw.OPEN);
    await advance(server);
    expect(await socket.closed).toEqual({ code: 4403, reason: 'token-expired' });
    await vi.waitFor(() => expect(server.probe.ended).toBe(1));
  });

  const changes: Record<string, [object | null, string]> = {
    'is revoked by a logout': [null, 'revoked'],
    'belongs to a user who is disabled': [{ isDisabled: true, tokenVersion: 2 }, 'revoked'],
    'belongs to a user with another password': [{ tokenVersion: 2 }, 'revoked'],
    'belongs to a user of a lower role now': [{ role: 'VIEWER', tokenVersion: 2 }, 'forbidden'],
  };
  it.each(Object.entries(changes))('%s ends its sockets within 5 s', async (_name, [change, reason]) => {
    await using server = await setUp();
    await using socket = await subscribed(server);
    if (change) await server.store.app.users.replace({ ...server.ada, ...change }, 1);
    else await server.store.app.sessions.revokeFamily(server.familyId);
    await advance(server);
    expect(await socket.closed).toEqual({ code: 4403, reason });
  });

  it('is good goes on, also while the store does not answer', async () => {
    await using server = await setUp();
    await using socket = await subscribed(server);
    server.storeServer.setDown(true);
    await advance(server);
    socket.send({ type: 'ping' });
    expect(await socket.next()).toEqual({ type: 'pong' });
    server.storeServer.setDown(false);
  });
});

describe('a reader', () => {
  const FRAME = 32 * 1024;
  const MANY = 100_000;

  it('that keeps up gets every frame', async () => {
    await using server = await setUp({ frameBytes: FRAME });
    await using socket = await openSession(server.port, server.token);
    socket.send(subscribe('1', 'subscription{frames(count:300)}'));
    for (let i = 0; i < 300; i++) expect((await socket.next()).type).toBe('next');
    expect((await socket.next()).type).toBe('complete');
  });

  it('that is slow is sent no more than it takes: the source waits', async () => {
    await using server = await setUp({ frameBytes: FRAME });
    await using socket = await openSession(server.port, server.token);
    socket.raw.pause();
    socket.send(subscribe('1', `subscription{frames(count:${MANY})}`));
    await settled(() => server.probe.pulled);
    const pulled = server.probe.pulled;
    expect(pulled).toBeLessThan(MANY / 10);
    socket.raw.resume();
    await vi.waitFor(() => expect(server.probe.pulled).toBeGreaterThan(pulled));
  });

  it('that stays slow is closed with 1013, and its streams end', async () => {
    await using server = await setUp({ frameBytes: FRAME });
    await using socket = await openSession(server.port, server.token);
    socket.raw.pause();
    socket.send(subscribe('1', `subscription{frames(count:${MANY})}`));
    await settled(() => server.probe.pulled);
    for (let i = 0; i < 8; i++) await server.clock.advance(SOCKET_LIMITS.sweepMs);
    await server.clock.advance(SOCKET_LIMITS.closeWaitMs + SOCKET_LIMITS.sweepMs);
    await vi.waitFor(() => expect(server.probe.ended).toBe(1));
    socket.raw.resume();
    expect([1006, 1013]).toContain((await socket.closed).code);
    expect((await server.ask({ path: '/metrics' })).text).toMatch(/kairos_sockets_closed_total\{code="10(06|13)"\} 1/);
  });

  it('that answers no ping is gone', async () => {
    await using server = await setUp();
    await using socket = await openSession(server.port, server.token);
    socket.raw.pause();
    await server.clock.advance(SOCKET_LIMITS.pingMs + SOCKET_LIMITS.sweepMs);
    await server.clock.advance(SOCKET_LIMITS.pingMs + SOCKET_LIMITS.sweepMs);
    socket.raw.resume();
    expect((await socket.closed).code).toBe(1006);
  });
});

describe('a stop', () => {
  it('closes every socket with 1001 and lets nobody in', async () => {
    const server = await setUp();
    const sockets = [await openSession(server.port, server.token), await openSocket(server.port)];
    sockets[0]?.send(subscribe('1', SILENCE));
    const stopped = server.stop();
    for (const socket of sockets) expect(await socket.closed).toEqual({ code: 1001, reason: 'going-away' });
    await stopped;
    await expect(openSocket(server.port)).rejects.toThrow();
  });

  it('waits no longer than it must for who does not answer', async () => {
    const server = await setUp();
    const socket = await openSession(server.port, server.token);
    socket.raw.pause();
    const hanging = server.post('{slow}').catch(() => 'cut');
    await vi.waitFor(async () => expect((await server.ask({ path: '/healthz' })).status).toBe(200));
    const stopped = server.stop();
    await server.clock.advance(5_000);
    await stopped;
    expect(await hanging).toBe('cut');
    socket.raw.terminate();
  });
});

/** Resolves when a figure has stood still for a while. */
async function settled(read: () => number): Promise<void> {
  for (let before = -1, still = 0; still < 5;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    still = read() === before && before > 0 ? still + 1 : 0;
    before = read();
  }
}
