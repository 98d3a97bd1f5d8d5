import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServerFixture } from './server-fixture.js';
import { codesOf, startServer } from './server-fixture.js';

let server: ServerFixture;
let token: string;
beforeAll(async () => {
  server = await startServer();
  token = (await server.grant()).token;
});
afterAll(() => server.stop());

const times = (count: number, make: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => make(i)).join(' ');
const fragments = (count: number, body: (i: number) => string): string =>
  times(count, (i) => `fragment F${i} on Trade{${body(i)}}`);

const refused: Record<string, string> = {
  '101 aliases': `{${times(101, (i) => `a${i}:me{id}`)}}`,
  '11 levels':
    '{trade(id:"x"){entrySignal{decisions{trade{entrySignal{decisions{trade{entrySignal{decisions{trade{id}}}}}}}}}}}',
  '501 fields': `{me{${times(501, () => 'id')}}}`,
  '2,001 tokens': `{me{${times(2_000, () => 'id')}}}`,
  '10,000 directives': `{me{id ${times(10_000, () => '@include(if:true)')}}}`,
  '100 directives': `{me{id ${times(100, () => '@include(if:true)')}}}`,
  '20,000 levels': `${'{me'.repeat(20_000)}${'}'.repeat(20_000)}`,
  '20,000 brackets in an argument': `{trade(id:${'['.repeat(20_000)})}`,
  'a fragment cycle': '{trade(id:"x"){...A}} fragment A on Trade{...B} fragment B on Trade{...A}',
  'fragments that double 30 times': `{trade(id:"x"){...F0}} ${fragments(30, (i) => `...F${i + 1} ...F${i + 1}`)} fragment F30 on Trade{id}`,
  'duplicate fields of many fragments': `{trade(id:"x"){${times(200, (i) => `...F${i}`)}}} ${fragments(200, (i) => `id ${i % 2 ? 'id' : ''}`)}`,
  '100 logins': `mutation{${times(100, (i) => `a${i}:login(username:"admin",password:"p${i}"){accessToken}`)}}`,
};

describe('over HTTP', () => {
  it.each(Object.entries(refused))('%s are refused before anything runs, in less than 1 s', async (_name, query) => {
    const startedAt = performance.now();
    const answer = await server.post(query, { token });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(answer.status).toBeLessThan(500);
    expect(answer.json.data ?? null).toBeNull();
    expect(new Set(codesOf(answer))).toEqual(new Set(['BAD_USER_INPUT']));
  });

  it('what is within the limits is answered', async () => {
    const answer = await server.post(`{${times(100, (i) => `a${i}:me{id}`)}}`, { token });
    expect([answer.status, codesOf(answer), Object.keys(answer.json.data ?? {})]).toEqual([200, [], expect.any(Array)]);
    expect(Object.keys(answer.json.data ?? {})).toHaveLength(100);
  });

  it('the tools of the schema are answered where they may ask', async () => {
    const answer = await server.post(getIntrospectionQuery(), { token });
    expect(codesOf(answer)).toEqual([]);
  });

  it.each([
    ['limit -1', 'first:-1'],
    ['limit 0', 'first:0'],
    ['limit 101', 'first:101'],
    ['limit 1e9', 'first:1000000000'],
    ['limit NaN', 'first:NaN'],
    ['an object for text', 'after:{ne:null}'],
    ['text for a limit', 'first:"10"'],
  ])('a list with %s is BAD_USER_INPUT', async (_name, argument) => {
    const answer = await server.post(`{signals(${argument}){totalCount}}`, { token });
    expect(codesOf(answer)).toEqual(['BAD_USER_INPUT']);
  });

  it('objects in place of text are refused, in variables too', async () => {
    const query = 'query($id:ID!){trade(id:$id){id}}';
    const answer = await server.post(query, { token, variables: { id: { $ne: null } } });
    expect(codesOf(answer)).toEqual(['BAD_USER_INPUT']);
  });
});
