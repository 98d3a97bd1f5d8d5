/**
 * The API on one port: the web app, /graphql over HTTP and socket, probes and metrics. Foreign hosts and origins are
 * refused before anything else is looked at.
 */
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Clock } from '@kairos/ports';
import { orLate } from '@kairos/ports';
import type { Config } from '@kairos/schema';
import { HOUR_MS } from '@kairos/schema';
import type { GraphQLSchema } from 'graphql';
import { createAccountsOpener } from './accounts-opener.js';
import type { AuthParts } from './auth/auth-parts.js';
import { createAuthParts } from './auth/auth-parts.js';
import { prepareUsers } from './auth/first-user.js';
import type { PasswordHasherOptions } from './auth/password-hasher.js';
import type { ApiDeps } from './context.js';
import { buildApiSchema } from './graphql/build-schema.js';
import { createDocuments } from './graphql/limits/documents.js';
import { createMaskError } from './graphql/mask-error.js';
import { createGraphqlEndpoint } from './http/graphql-endpoint.js';
import { createHttpApp } from './http/http-app.js';
import { httpTransport } from './http/http-transport.js';
import { createMetrics } from './http/metrics.js';
import { createProbes } from './http/probes.js';
import type { RequestRules } from './http/requests.js';
import { createWebApp } from './http/web-app.js';
import { AuthResolver } from './modules/auth/auth.resolver.js';
import type { SocketLimits } from './socket/socket-limits.js';
import { SOCKET_LIMITS } from './socket/socket-limits.js';
import type { SocketServer } from './socket/socket-server.js';
import { createSocketServer } from './socket/socket-server.js';

/** How long open requests may take to end when the server stops. */
export const STOP_WAIT_MS = 2_000;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 65_000;
const CONNECTIONS_MAX = 2_000;
const WEB_BUILD = fileURLToPath(new URL('../../web/build', import.meta.url));

/** What tokens are signed and successors are encrypted with. */
export interface ApiSecrets {
  readonly jwtSecret: string;
  readonly encryptionKey: string;
}

export interface ApiOptions {
  /** Folder of the built web app; default: the web workspace's. */
  readonly webFolder?: string;
  readonly socketLimits?: Partial<SocketLimits>;
  readonly hasher?: PasswordHasherOptions;
  /** Instead of the API's own schema: for tests of what surrounds it. */
  readonly schema?: GraphQLSchema;
}

export interface Api {
  /** Resolves when requests are answered. @throws StartRefusedError, or Error when the port is taken */
  start(): Promise<ApiAddress>;
  /** Ends open requests and sockets within 5 s. */
  stop(): Promise<void>;
}

export interface ApiAddress {
  readonly port: number;
  /** The address that people open. */
  readonly url: string;
  /** True while the password that everybody knows works. */
  readonly hasDefaultPassword: boolean;
}

/** How often sessions that have expired are deleted. */
export const TIDY_INTERVAL_MS = HOUR_MS;

export function createApi(deps: ApiDeps & { readonly secrets: ApiSecrets }, options: ApiOptions = {}): Api {
  const { secrets, ...api } = deps;
  const { config, store, clock, log } = api;
  const auth = createAuthParts({ app: store.app, clock, secrets }, options.hasher);
  const opener = createAccountsOpener(api);
  opener.ended.catch((error: unknown) => log.error({ error: String(error) }, 'Accounts are no longer asked for.'));
  const stopping = new AbortController();
  let running: Running | null = null;

  return {
    async start() {
      const { hasDefaultPassword } = await prepareUsers({ app: store.app, config, clock, log, hasher: auth.hasher });
      running = await assemble(api, auth, options);
      const port = await listen(running.server, config.PORT, config.listenHost);
      await opener.start();
      void keepTidy(api, stopping.signal);
      const url = config.PUBLIC_URL?.href ?? `http://${shownHost(config.listenHost)}:${port}/`;
      return { port, url, hasDefaultPassword };
    },
    async stop() {
      stopping.abort();
      await opener.stop();
      await running?.stop();
      running = null;
      await auth.hasher.stop();
    },
  };
}

interface Running {
  readonly server: Server;
  stop(): Promise<void>;
}

/** Puts HTTP and socket on one server that does not listen yet. */
async function assemble(api: ApiDeps, auth: AuthParts, options: ApiOptions): Promise<Running> {
  const { config, store, bus, clock, log } = api;
  const isIntrospectionAllowed = config.INTROSPECTION ?? config.isLoopback;
  const rules = rulesOf(config);
  const schema = options.schema ?? (await buildApiSchema([new AuthResolver(auth.auth)]));
  const documents = createDocuments(schema, { isIntrospectionAllowed });
  const maskError = createMaskError({ log, areSuggestionsShown: isIntrospectionAllowed });
  const metrics = createMetrics({
    sockets: () => sockets.sockets(),
    operations: () => sockets.operations(),
    live: api.live,
  });
  const shared = { api, schema, documents, viewers: auth.viewers, maskError, metrics };
  const limits = { ...SOCKET_LIMITS, ...options.socketLimits };
  const sockets: SocketServer = createSocketServer({ ...shared, limits, rules });
  const endpoint = await createGraphqlEndpoint({
    ...shared,
    isIntrospectionAllowed,
    transportOf: (request, response) => httpTransport(request, response, rules),
  });
  const app = createHttpApp({
    rules,
    graphql: endpoint.handler,
    probes: createProbes({ store, bus, clock, metrics }),
    webApp: createWebApp(options.webFolder ?? WEB_BUILD),
    isPlaygroundOn: config.PLAYGROUND ?? config.isLoopback,
    log,
  });
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS }, app);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = CONNECTIONS_MAX;
  sockets.attach(server);
  return {
    server,
    async stop() {
      await Promise.all([sockets.stop(), closeServer(server, clock)]);
      await endpoint.stop();
    },
  };
}

/** Deletes expired sessions now and then until the signal aborts. */
async function keepTidy({ store, clock, log }: ApiDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await store.app.sessions
      .deleteExpired(clock.now())
      .catch((error: unknown) => log.warn({ error: String(error) }, 'Expired sessions stay until the next try.'));
    await clock.sleep(TIDY_INTERVAL_MS, signal);
  }
}

const rulesOf = (config: Config): RequestRules => ({
  publicUrl: config.PUBLIC_URL,
  allowedOrigins: config.ALLOWED_ORIGINS,
  proxies: config.TRUST_PROXY,
});

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: host.replace(/^\[|\]$/g, '') }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Waits for open requests, then cuts what is left. */
async function closeServer(server: Server, clock: Clock): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await orLate(clock, STOP_WAIT_MS, closed);
  server.closeAllConnections();
  await closed;
}

/** `localhost` for addresses that no browser can open. */
function shownHost(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '127.0.0.1') return 'localhost';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
