import { auditServer } from 'graphql-http';
import { describe, expect, it } from 'vitest';
import { startServer } from './server-fixture.js';

/** As `fetch`, with the header that shows that no form sent the request. */
const preflighted: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set('apollo-require-preflight', 'yes');
  return fetch(input, { ...init, headers });
};

describe('GraphQL over HTTP', () => {
  it('is kept in every audit of the specification', async () => {
    await using server = await startServer();
    const results = await auditServer({ url: `http://127.0.0.1:${server.port}/graphql`, fetchFn: preflighted });
    const broken = results
      .filter((result) => result.status !== 'ok')
      .map((result) => `${result.status}: ${result.name}`);
    expect(broken).toEqual([]);
    expect(results.length).toBeGreaterThanOrEqual(60);
  });

  it('is kept in everything that it demands, but for an introspecting query, where nothing is told of the schema', async () => {
    await using server = await startServer({ INTROSPECTION: 'false', PLAYGROUND: 'false' });
    const results = await auditServer({ url: `http://127.0.0.1:${server.port}/graphql`, fetchFn: fetch });
    const broken = results.filter((result) => result.status === 'error').map((result) => result.name);
    expect(broken).toEqual(['MUST allow map {variables} parameter when accepting application/json']);
  });
});
