/** What a socket may ask: `graphql-transport-ws`, with the same documents, limits and masked errors as HTTP. */
import type { ExecutionArgs, GraphQLFormattedError, GraphQLSchema } from 'graphql';
import { getOperationAST, GraphQLError } from 'graphql';
import type { Context, Server } from 'graphql-ws';
import { makeServer } from 'graphql-ws';
import type { Refusal, Viewers } from '../auth/viewers.js';
import type { ApiContext, ApiDeps, Transport } from '../context.js';
import { BadInputError, TooManyRequestsError } from '../graphql/errors.js';
import type { Documents } from '../graphql/limits/documents.js';
import type { MaskError } from '../graphql/mask-error.js';
import { readBearer } from '../http/bearer.js';
import type { Metrics } from '../http/metrics.js';
import type { Closing, Connection } from './connection.js';
import { CLOSE } from './connection.js';
import type { SocketLimits } from './socket-limits.js';

export interface ProtocolDeps {
  readonly api: ApiDeps;
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  readonly viewers: Viewers;
  readonly maskError: MaskError;
  readonly metrics: Pick<Metrics, 'socketResult'>;
  readonly limits: SocketLimits;
  readonly transportOf: (connection: Connection) => Transport;
  /** Whether a user's further socket is one too many. */
  readonly isOneTooMany: (userId: string) => boolean;
}

interface Extra {
  readonly connection: Connection;
}
type SocketContext = Context<Record<string, unknown>, Extra>;

const CLOSINGS: Record<Refusal, Closing> = {
  EXPIRED: CLOSE.expired,
  REVOKED: CLOSE.revoked,
  LOWERED: CLOSE.forbidden,
  INVALID: CLOSE.forbidden,
};

/** How a socket is closed whose token is no good. */
export const closingOf = (reason: Refusal): Closing => CLOSINGS[reason];

export function createProtocol(deps: ProtocolDeps): Server<Extra> {
  return makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: deps.limits.initWaitMs,
    onConnect: (context) => admit(deps, context),
    onSubscribe: (context, _id, payload) => prepare(deps, context, payload),
    onNext: (_context, _id, _payload, _args, result) => {
      deps.metrics.socketResult();
      const { data = null, errors } = result;
      return errors && { data, errors: errors.map(deps.maskError) };
    },
    onError: (_context, _id, _payload, errors): readonly GraphQLFormattedError[] => errors.map(deps.maskError),
  });
}

/** Takes the token of `connection_init`. A socket without a good one is closed. */
async function admit(deps: ProtocolDeps, context: SocketContext): Promise<boolean> {
  const token = readBearer(context.connectionParams?.['authorization']);
  const check = token === null ? ({ ok: false, reason: 'INVALID' } as const) : await deps.viewers.fromToken(token);
  const { connection } = context.extra;
  if (!check.ok) connection.close(...closingOf(check.reason));
  else if (deps.isOneTooMany(check.viewer.userId)) connection.close(...CLOSE.tooManySockets);
  else {
    connection.operations = () => Object.keys(context.subscriptions).length;
    connection.identity = { claims: check.claims, viewer: check.viewer };
    return true;
  }
  return false;
}

interface SubscribePayload {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
}

/** What is to be executed, or why not. */
async function prepare(
  deps: ProtocolDeps,
  context: SocketContext,
  payload: SubscribePayload,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const { connection } = context.extra;
  const max = deps.limits.operationsPerSocket;
  if (Object.keys(context.subscriptions).length > max) {
    return [new TooManyRequestsError(1, `Expected at most ${max} operations at once on a socket.`)];
  }
  const claims = connection.identity?.claims;
  const check = claims && (await deps.viewers.check(claims));
  if (!check?.ok) {
    connection.close(...closingOf(check?.reason ?? 'INVALID'));
    return [new GraphQLError('The socket is closing.')];
  }
  const prepared = deps.documents.prepare(payload.query);
  if (!prepared.ok) return prepared.errors;
  const operation = getOperationAST(prepared.document, payload.operationName);
  if (!operation) return [new BadInputError('operationName: expected the name of an operation of the document')];
  const contextValue: ApiContext = {
    deps: deps.api,
    viewer: check.viewer,
    transport: deps.transportOf(connection),
    memo: new Map(),
  };
  return {
    schema: deps.schema,
    document: prepared.document,
    contextValue,
    ...(payload.operationName ? { operationName: payload.operationName } : {}),
    ...(payload.variables ? { variableValues: payload.variables } : {}),
  };
}
