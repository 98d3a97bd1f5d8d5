/** /graphql over HTTP: Apollo Server, behind the limits that the socket shares. */
import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import type { Clock, Log } from '@kairos/ports';
import type { Request, RequestHandler, Response } from 'express';
import type { GraphQLSchema } from 'graphql';
import { NoSchemaIntrospectionCustomRule, OperationTypeNode } from 'graphql';
import type { Viewers } from '../auth/viewers.js';
import type { ApiContext, ApiDeps, Transport } from '../context.js';
import { ApiError } from '../graphql/errors.js';
import type { Documents } from '../graphql/limits/documents.js';
import { TOKENS_MAX } from '../graphql/limits/operation-limits.js';
import { VALIDATION_ERRORS_MAX } from '../graphql/limits/documents.js';
import type { MaskError } from '../graphql/mask-error.js';
import { readBearer } from './bearer.js';
import type { Metrics } from './metrics.js';

const GRAPHQL_RESPONSE = 'application/graphql-response+json';
const DOCUMENT_CODES: readonly unknown[] = ['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT'];

export interface GraphqlEndpointDeps {
  readonly api: ApiDeps;
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  readonly viewers: Viewers;
  readonly maskError: MaskError;
  readonly metrics: Metrics;
  readonly isIntrospectionAllowed: boolean;
  readonly transportOf: (request: Request, response: Response) => Transport;
}

export interface GraphqlEndpoint {
  readonly handler: RequestHandler;
  stop(): Promise<void>;
}

/** Resolves when it can answer. */
export async function createGraphqlEndpoint(deps: GraphqlEndpointDeps): Promise<GraphqlEndpoint> {
  const { api, isIntrospectionAllowed, maskError } = deps;
  const server = new ApolloServer<ApiContext>({
    schema: deps.schema,
    // Refused in the words of the socket, which are for clients; Apollo's own speak to who set it up.
    introspection: true,
    validationRules: isIntrospectionAllowed ? [] : [NoSchemaIntrospectionCustomRule],
    hideSchemaDetailsFromClientErrors: !isIntrospectionAllowed,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    persistedQueries: false,
    parseOptions: { maxTokens: TOKENS_MAX },
    validationOptions: { maxErrors: VALIDATION_ERRORS_MAX },
    formatError: (_formatted, error) => maskError(error),
    logger: quiet(api.log),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      noSubscriptions,
      statusOfDocumentErrors,
      measured(deps.metrics, api.clock),
    ],
  });
  await server.start();
  const handler = expressMiddleware(server, { context: ({ req, res }) => contextOf(deps, req, res) });
  return { handler, stop: () => server.stop() };
}

async function contextOf(deps: GraphqlEndpointDeps, request: Request, response: Response): Promise<ApiContext> {
  refuseBrokenLimit(deps.documents, textOf(request));
  const token = readBearer(request.headers.authorization);
  const check = token === null ? null : await deps.viewers.fromToken(token);
  return {
    deps: deps.api,
    viewer: check?.ok ? check.viewer : null,
    transport: deps.transportOf(request, response),
    memo: new Map(),
  };
}

function textOf(request: Request): unknown {
  const body: unknown = request.body;
  if (request.method !== 'POST') return request.query['query'];
  return typeof body === 'object' && body !== null && 'query' in body ? body.query : undefined;
}

function refuseBrokenLimit(documents: Documents, text: unknown): void {
  const broken = typeof text === 'string' ? documents.brokenLimit(text) : null;
  if (broken) throw new ApiError('BAD_USER_INPUT', broken.message, { http: { status: 400 } });
}

/** Clients that ask for plain application/json are told of a bad document with 200, as the specification has it. */
const statusOfDocumentErrors: ApolloServerPlugin<ApiContext> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ request, response, errors }) => {
      const accept = request.http?.headers.get('accept') ?? '';
      const isAboutDocument = errors?.every((error) => DOCUMENT_CODES.includes(error.extensions['code']));
      if (response.http.status !== 400 || !isAboutDocument || accept.includes(GRAPHQL_RESPONSE)) return;
      response.http.status = 200;
    },
  }),
};

const ON_SOCKET_ONLY =
  'Subscriptions are answered over the socket: connect to /graphql with the protocol graphql-transport-ws.';

const noSubscriptions: ApolloServerPlugin<ApiContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation }) => {
      if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) return;
      throw new ApiError('BAD_USER_INPUT', ON_SOCKET_ONLY, { http: { status: 400 } });
    },
  }),
};

const measured = (metrics: Metrics, clock: Clock): ApolloServerPlugin<ApiContext> => ({
  requestDidStart: async () => {
    const startedAt = clock.monotonicMs();
    return {
      willSendResponse: async ({ errors, operation }) => {
        const outcome = errors ? (operation ? 'error' : 'refused') : 'ok';
        metrics.operation('http', outcome, (clock.monotonicMs() - startedAt) / 1000);
      },
    };
  },
});

/** Apollo Server's own lines, as lines of this process's log. */
const quiet = (log: Log) => ({
  debug: (message: unknown) => log.debug({}, String(message)),
  info: (message: unknown) => log.debug({}, String(message)),
  warn: (message: unknown) => log.warn({}, String(message)),
  error: (message: unknown) => log.error({}, String(message)),
});
