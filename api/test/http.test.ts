import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BODY_BYTES_MAX } from '../src/http/http-app.js';
import type { Answer, ServerFixture } from './server-fixture.js';
import { codesOf, startServer } from './server-fixture.js';

let server: ServerFixture;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kairos-web-'));
  await mkdir(path.join(folder, '_app/immutable'), { recursive: true });
  await writeFile(
    path.join(folder, 'index.html'),
    '<html><script>let a = 1;</script><script src="/x.js"></script></html>',
  );
  await writeFile(path.join(folder, '_app/immutable/x.1234.js'), 'export {};');
  await writeFile(path.join(folder, 'favicon.svg'), '<svg/>');
  await writeFile(path.join(folder, '.secret'), 'secret');
  server = await startServer(
    { ALLOWED_ORIGINS: 'https://friend.example', PUBLIC_URL: 'https://kairos.example' },
    { webFolder: folder },
  );
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const ME = '{me{id}}';
const json = { 'content-type': 'application/json' };
const body = JSON.stringify({ query: ME });
const isJson = (answer: Answer): boolean => answer.headers['content-type']?.startsWith('application/json') ?? false;

describe('a foreign host', () => {
  it.each([['/'], ['/graphql'], ['/healthz'], ['/metrics'], ['/_app/immutable/x.1234.js']])(
    'is refused at %s with 421',
    async (where) => {
      const answer = await server.ask({ path: where, headers: { host: 'evil.example' } });
      expect([answer.status, codesOf(answer)]).toEqual([421, ['FORBIDDEN']]);
    },
  );

  it.each([['localhost:1'], ['[::1]'], ['kairos.example']])('is not %s', async (host) => {
    expect((await server.ask({ path: '/healthz', headers: { host } })).status).toBe(200);
  });

  it('is not chosen by forwarded headers', async () => {
    const headers = { host: 'evil.example', 'x-forwarded-host': 'localhost' };
    expect((await server.ask({ headers })).status).toBe(421);
  });
});

describe('an origin', () => {
  const preflight = (origin: string) =>
    server.ask({ method: 'OPTIONS', path: '/graphql', headers: { origin, 'access-control-request-method': 'POST' } });

  it.each([['https://evil.example'], ['null'], ['https://friend.example.evil.example'], ['http://friend.example']])(
    '%s is refused, and never reflected',
    async (origin) => {
      for (const answer of [
        await preflight(origin),
        await server.ask({ method: 'POST', path: '/graphql', headers: { ...json, origin }, body }),
      ]) {
        expect(answer.status).toBe(403);
        expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      }
    },
  );

  it('of the list may call, without cookies', async () => {
    const answer = await preflight('https://friend.example');
    expect(answer.status).toBe(204);
    expect(answer.headers['access-control-allow-origin']).toBe('https://friend.example');
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
    expect(answer.headers['vary']).toContain('Origin');
  });
});

describe('requests that a form could send', () => {
  const nothingRuns = async (request: Parameters<ServerFixture['ask']>[0]) => {
    const answer = await server.ask({ path: '/graphql', method: 'POST', body, ...request });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.json.data ?? null).toBeNull();
  };
  it.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['text/plain; charset=application/json'],
    ['application/jsonx'],
  ])('as %s run nothing', (type) => nothingRuns({ headers: { 'content-type': type } }));

  it('without a type run nothing', () => nothingRuns({}));

  it('as GET run no mutation', () =>
    nothingRuns({ method: 'GET', path: `/graphql?query=${encodeURIComponent('mutation{logout}')}`, body: '' }));

  it('as GET run no query either, unless a header shows that no form sent it', async () => {
    const where = `/graphql?query=${encodeURIComponent('{__typename}')}`;
    await nothingRuns({ method: 'GET', path: where, body: '' });
    const answer = await server.ask({ path: where, headers: { 'apollo-require-preflight': 'yes' } });
    expect(answer.json.data).toEqual({ __typename: 'Query' });
  });
});

describe('a subscription', () => {
  it('is sent to the socket, as a mistake of the client that says what to do', async () => {
    const answer = await server.post('subscription{systemChanged{version}}');
    expect(codesOf(answer)).toEqual(['BAD_USER_INPUT']);
    expect(answer.json.errors?.[0]?.message).toContain('graphql-transport-ws');
  });
});

describe('a literal that is no Decimal or DateTime', () => {
  it.each([['{stats(from:5){cash}}'], ['{stats(to:"yesterday"){cash}}'], ['{stats(from:{a:1}){cash}}']])(
    'in %s is a mistake of the client, and its place is told',
    async (query) => {
      const [error] = (await server.post(query)).json.errors ?? [];
      expect(error).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' }, locations: [{ line: 1 }] });
    },
  );
});

describe('a body', () => {
  const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  const keys = Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => [`k${i}`, 1]));
  const cases: Record<string, [number, Record<string, string>, string | Buffer]> = {
    'of a megabyte': [413, json, JSON.stringify({ query: 'a'.repeat(1_000_000) })],
    'just too large': [413, json, ' '.repeat(BODY_BYTES_MAX + 1)],
    'that is compressed': [415, { ...json, 'content-encoding': 'gzip' }, gzipSync(body)],
    'that is no JSON': [400, json, '{"query":'],
    'that is text': [400, json, '"text"'],
    'in another charset': [415, { 'content-type': 'application/json; charset=latin1' }, body],
    'nested deeply': [400, json, `{"query":"{me{id}}","variables":${deep(20_000)}}`],
    'that is a batch': [400, json, `[${body},${body}]`],
    'without a query': [400, json, '{"variables":{}}'],
    'with a query that is no text': [400, json, '{"query":{"kind":"Document"}}'],
    'that is empty': [400, json, ''],
  };
  it.each(Object.entries(cases))('%s is refused in JSON', async (_name, [status, headers, text]) => {
    const answer = await server.ask({ method: 'POST', path: '/graphql', headers, body: text });
    expect([answer.status, isJson(answer), codesOf(answer)]).toEqual([status, true, ['BAD_USER_INPUT']]);
  });

  it('with thousands of keys does no harm', async () => {
    const answer = await server.ask({
      method: 'POST',
      path: '/graphql',
      headers: json,
      body: JSON.stringify({ query: ME, variables: keys }),
    });
    expect(codesOf(answer)).toEqual(['UNAUTHENTICATED']);
  });

  it('with prototype keys has no effect on later requests', async () => {
    const text = `{"query":"{__typename}","variables":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}`;
    await server.ask({ method: 'POST', path: '/graphql', headers: json, body: text });
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect((await server.post('{__typename}')).status).toBe(200);
  });
});

describe('the page', () => {
  it('is served at every path that is no file, with a policy that allows its own scripts alone', async () => {
    for (const where of ['/', '/trades/some-id', '/index.html']) {
      const answer = await server.ask({ path: where });
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toContain('text/html');
      expect(answer.headers['cache-control']).toBe('no-cache');
      const policy = String(answer.headers['content-security-policy']);
      expect(policy).toMatch(/script-src 'self' 'sha256-[\w+/]{43}='(;|$)/);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain("script-src 'self' 'unsafe-inline'");
    }
  });

  it('is kept by the browser only where its name says what is in it', async () => {
    const file = await server.ask({ path: '/_app/immutable/x.1234.js' });
    expect(file.headers['cache-control']).toContain('immutable');
    expect((await server.ask({ path: '/favicon.svg' })).headers['cache-control']).toBe('no-cache');
  });

  it.each([['/missing.js'], ['/.secret'], ['/..%2f..%2fpackage.json'], ['/%']])(
    'does not stand for %s',
    async (where) => {
      const answer = await server.ask({ path: where });
      expect(answer.text).not.toContain('secret');
      expect(answer.text).not.toContain('workspaces');
      expect([400, 404]).toContain(answer.status);
      expect(isJson(answer)).toBe(true);
    },
  );

  it('is built again without a restart', async () => {
    const before = (await server.ask({})).headers['content-security-policy'];
    await writeFile(path.join(folder, 'index.html'), '<html><script>let b = 2222;</script></html>');
    expect((await server.ask({})).headers['content-security-policy']).not.toBe(before);
  });

  it('says how to build it where it is missing', async () => {
    await using bare = await startServer();
    const answer = await bare.ask({});
    expect([answer.status, answer.text]).toEqual([503, expect.stringContaining('npm run build')]);
  });
});

describe('every answer', () => {
  it.each([['/'], ['/graphql'], ['/healthz'], ['/missing.js'], ['/favicon.svg']])(
    'of %s says what it may be used for',
    async (where) => {
      const { headers } = await server.ask({ path: where });
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      });
      expect(headers['content-security-policy']).toBeDefined();
      expect(headers['x-powered-by']).toBeUndefined();
    },
  );

  it('of /graphql is kept nowhere', async () => {
    expect((await server.post(ME)).headers['cache-control']).toBe('no-store');
  });
});

describe('probes', () => {
  it('say that it runs, and whether it can answer', async () => {
    await using own = await startServer();
    expect((await own.ask({ path: '/healthz' })).status).toBe(200);
    expect((await own.ask({ path: '/readyz' })).json).toEqual({ ready: true, store: true, bus: true });
    own.storeServer.setDown(true);
    await own.clock.advance(1_000);
    const answer = await own.ask({ path: '/readyz' });
    expect([answer.status, answer.json]).toEqual([503, { ready: false, store: false, bus: true }]);
    expect((await own.ask({ path: '/healthz' })).status).toBe(200);
  });

  it('count operations and sockets', async () => {
    await server.post('{__typename}');
    const { text } = await server.ask({ path: '/metrics' });
    expect(text).toMatch(/kairos_graphql_operation_seconds_count\{transport="http",outcome="ok"\} [1-9]/);
    expect(text).toMatch(/^kairos_sockets 0$/m);
  });

  it('tell how every component is, how far behind, and what came over the bus', async () => {
    const { text } = await server.ask({ path: '/metrics' });
    for (const component of ['feed', 'predictor', 'trader', 'bus', 'store']) {
      expect(text).toMatch(new RegExp(`^kairos_component_healthy\\{component="${component}"\\} [01]$`, 'm'));
    }
    expect(text).toMatch(/^kairos_healthy 0$/m);
    expect(text).toMatch(/^kairos_bus_records_total\{topic="crypto.trades"\} \d+$/m);
    expect(text).toMatch(/^kairos_socket_results_total \d+$/m);
    expect(text).toMatch(/^# TYPE kairos_component_lag gauge$/m);
    expect(text).toMatch(/^kairos_world_time_seconds /m);
  });
});

describe('what the schema tells', () => {
  const INTROSPECTION = '{__schema{queryType{name}}}';
  it("is told on a machine of one's own", async () => {
    await using own = await startServer();
    expect((await own.post(INTROSPECTION)).json.data).toEqual({ __schema: { queryType: { name: 'Query' } } });
    expect((await own.post('{mee}')).json.errors?.[0]?.message).toContain('Did you mean');
    expect((await own.ask({ path: '/graphql', headers: { accept: 'text/html' } })).text).toContain('Kairos GraphQL');
  });

  it('is told to nobody where INTROSPECTION is off, suggestions and the page to try it included', async () => {
    await using closed = await startServer({ INTROSPECTION: 'false', PLAYGROUND: 'false' });
    const refused = await closed.post(INTROSPECTION);
    expect(refused.json.data ?? null).toBeNull();
    expect(refused.json.errors?.[0]?.message).toContain('introspection has been disabled');
    expect(codesOf(refused)).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT']);
    expect((await closed.post('{__type(name:"User"){name}}')).json.data ?? null).toBeNull();
    expect((await closed.post('{mee}')).text).not.toContain('Did you mean');
    expect((await closed.ask({ path: '/graphql', headers: { accept: 'text/html' } })).text).not.toContain('<script>');
  });

  it('is on for loopback only', async () => {
    await using open = await startServer({}, {}, { isLoopback: false });
    expect((await open.post(INTROSPECTION)).json.data ?? null).toBeNull();
  });
});
