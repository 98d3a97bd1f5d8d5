/** A real server on a free port over memory ports and a simulated clock, and what tests ask it with. */
import type { IncomingHttpHeaders } from 'node:http';
import { request as httpRequest } from 'node:http';
import type { StoredUser } from '@kairos/ports';
import type { SimulatedClock } from '@kairos/ports/testing';
import { createMemoryBusServer, createMemoryStoreServer, createSimulatedClock } from '@kairos/ports/testing';
import type { Config } from '@kairos/schema';
import { addMs, DAY_MS, readConfig } from '@kairos/schema';
import { createAccessTokens } from '../src/auth/access-token.js';
import { createLiveWorld } from '../src/live/live-world.js';
import type { ApiOptions } from '../src/server.js';
import { createApi } from '../src/server.js';
import { START, user } from './auth-fixture.js';
import { createRecordedLog } from './quiet-log.js';

export const SECRETS = {
  jwtSecret: 'q8R2mZ5tY7wK1xC4vB6nL9pS3dF0gHjA',
  encryptionKey: 'zT5bN8mK2jH6gF9dS3aP7oI1uY4rE0wQ',
};
export const PASSWORD = 'correct horse';
export const WORLD = 'SIMULATOR';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as GraphQL answers; throws where it is no JSON. */
  readonly json: GraphqlAnswer;
}

export interface GraphqlAnswer {
  readonly data?: Record<string, never> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
}

export interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

export interface ServerFixture {
  readonly port: number;
  readonly url: string;
  readonly clock: SimulatedClock;
  readonly log: ReturnType<typeof createRecordedLog>;
  readonly store: ReturnType<ReturnType<typeof createMemoryStoreServer>['connect']>;
  readonly storeServer: ReturnType<typeof createMemoryStoreServer>;
  /** Any request. */
  ask(request: Ask): Promise<Answer>;
  /** POST /graphql, as a client of the API does. */
  post(query: unknown, options?: PostOptions): Promise<Answer>;
  /** Logs in by password; the token and the cookie. */
  login(username?: string, password?: string): Promise<{ readonly token: string; readonly cookie: string }>;
  /** A login of a user without its password. */
  grant(username?: string): Promise<{ readonly token: string; readonly familyId: string }>;
  addUser(fields: Partial<StoredUser> & { readonly username: string }): Promise<StoredUser>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface PostOptions {
  readonly token?: string;
  readonly variables?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
}

export const LOGIN =
  'mutation($name:String!,$word:String!){login(username:$name,password:$word){accessToken expiresAt}}';

export async function startServer(
  env: Record<string, string> = {},
  options: ApiOptions = {},
  patch: Partial<Config> = {},
): Promise<ServerFixture> {
  const clock = createSimulatedClock(START);
  const log = createRecordedLog();
  const storeServer = createMemoryStoreServer({ clock });
  const store = storeServer.connect();
  const bus = createMemoryBusServer({ partitions: 2, clock }).connect();
  const config = { ...readConfig({ PORT: '0', FEED: 'simulator', ADMIN_PASSWORD: PASSWORD, ...env }), ...patch };
  const live = createLiveWorld({ bus, store, clock, log }, { world: WORLD, config });
  const deps = { config, world: WORLD, bus, store, clock, log, live, secrets: SECRETS };
  const api = createApi(deps, { hasher: { cost: 4, workers: 1 }, webFolder: '/nowhere', ...options });
  const { port, url } = await api.start();
  const ask = (request: Ask) => send(port, request);
  const tokens = createAccessTokens(SECRETS.jwtSecret, { clock, randomId: () => 'id' });
  let grants = 0;

  const post: ServerFixture['post'] = (query, { token, variables, headers } = {}) =>
    ask({
      method: 'POST',
      path: '/graphql',
      headers: {
        'content-type': 'application/json',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...headers,
      },
      body: JSON.stringify({ query, ...(variables ? { variables } : {}) }),
    });

  return {
    port,
    url,
    clock,
    log,
    store,
    storeServer,
    ask,
    post,
    async login(name = 'admin', word = PASSWORD) {
      const answer = await post(LOGIN, { variables: { name, word } });
      const login = answer.json.data?.['login'] as { accessToken: string } | undefined;
      if (!login) throw new Error(`login refused: ${answer.text}`);
      return { token: login.accessToken, cookie: cookieOf(answer) };
    },
    async grant(name = 'admin') {
      const owner = await store.app.users.byName(name);
      if (!owner) throw new Error(`no user ${name}`);
      const familyId = `family-${++grants}`;
      const { id: userId, username, role, tokenVersion } = owner;
      await store.app.sessions.insert({ ...sessionOf(owner), familyId, tokenHash: `hash-${grants}` });
      return { familyId, token: tokens.issue({ userId, username, role, tokenVersion, familyId }).token };
    },
    async addUser(fields) {
      const admin = await store.app.users.byName('admin');
      const added = user({ passwordHash: admin?.passwordHash ?? '', ...fields });
      await store.app.users.insert(added);
      return added;
    },
    stop: () => api.stop(),
    [Symbol.asyncDispose]: () => api.stop(),
  };
}

const sessionOf = (owner: StoredUser) => ({
  userId: owner.id,
  tokenVersion: owner.tokenVersion,
  createdAt: START,
  expiresAt: addMs(START, DAY_MS),
  rotatedAt: null,
  successor: null,
  isRevoked: false,
});

/** The `name=value` of the cookie that an answer sets. */
export const cookieOf = (answer: Answer): string => answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';

/** The codes of an answer's errors. */
export const codesOf = (answer: Answer): unknown[] =>
  (answer.json.errors ?? []).map((error) => error.extensions['code']);

function send(port: number, { method = 'GET', path = '/', headers = {}, body }: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, host: '127.0.0.1', method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const answer = { status: response.statusCode ?? 0, headers: response.headers, text };
        resolve({
          ...answer,
          get json() {
            return JSON.parse(text) as GraphqlAnswer;
          },
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
