/**
 * Queries and mutations over HTTP, through Apollo's cache.
 *
 * A request refused as UNAUTHENTICATED is sent once more after the access token was renewed. A root field that could
 * not be answered comes back as null beside its error; a request without any answer throws an ApiError.
 */
import type { TypedDocumentNode } from '@apollo/client/core';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client/core';
import type { OperationVariables } from '@apollo/client/core';
import type { ApiError } from './errors.js';
import { errorOf, errorsOf } from './errors.js';

/** Longest wait for one answer. */
export const REQUEST_TIMEOUT_MS = 15_000;

export interface Answer<Data> {
  readonly data: Data;
  /** Errors of single fields, whose values are null in `data`. */
  readonly errors: readonly ApiError[];
}

export interface Api {
  /** Asks the API itself, past the cache; what comes back is kept there. */
  query<Data, Variables extends OperationVariables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Answer<Data>>;
  /** Answers from the cache where it can: for what does not change. */
  queryOnce<Data, Variables extends OperationVariables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Answer<Data>>;
  /** @throws ApiError */
  mutate<Data, Variables extends OperationVariables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Data>;
  /** A mutation that signs in or out: without the access token, never repeated. @throws ApiError */
  authenticate<Data, Variables extends OperationVariables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Data>;
  /** Forgets everything read for the last user. */
  forget(): Promise<void>;
}

export interface ApiOptions {
  readonly url: string;
  /** The Authorization header, null while nobody is signed in. */
  readonly authorization: () => string | null;
  /** Gets a new access token; false when nobody is signed in any more. */
  readonly renew: () => Promise<boolean>;
  readonly fetch?: typeof fetch;
}

/** Makes the client. Nothing is sent before the first request. */
export function createApi(options: ApiOptions): Api {
  const client = new ApolloClient({
    cache: new InMemoryCache({ typePolicies: { Position: { keyFields: false } } }),
    link: ApolloLink.from([authorize(options.authorization), httpLink(options)]),
    assumeImmutableResults: true,
  });

  const query = async <Data, Variables extends OperationVariables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    fetchPolicy: 'network-only' | 'cache-first',
  ): Promise<Answer<Data>> => {
    const result = await client.query<Data, OperationVariables>({
      query: document,
      variables,
      fetchPolicy,
      errorPolicy: 'all',
    });
    const errors = result.error ? errorsOf(result.error) : [];
    const refusal = errors.find((error) => error.code === 'UNAUTHENTICATED');
    if (refusal) throw refusal;
    if (result.data === undefined || result.data === null) throw errorOf(result.error);
    return { data: result.data as Data, errors };
  };

  const mutate = async <Data, Variables extends OperationVariables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    context: RequestContext,
  ): Promise<Data> => {
    try {
      const result = await client.mutate<Data, OperationVariables>({ mutation: document, variables, context });
      return result.data as Data;
    } catch (error) {
      throw errorOf(error);
    }
  };

  const retried = async <Result>(send: () => Promise<Result>): Promise<Result> => {
    try {
      return await send();
    } catch (error) {
      const isExpired = errorOf(error).code === 'UNAUTHENTICATED' && options.authorization() !== null;
      if (!isExpired || !(await options.renew())) throw error;
      return send();
    }
  };

  return {
    query: (document, variables) => retried(() => query(document, variables, 'network-only')),
    queryOnce: (document, variables) => retried(() => query(document, variables, 'cache-first')),
    mutate: (document, variables) => retried(() => mutate(document, variables, {})),
    authenticate: (document, variables) => mutate(document, variables, { isAnonymous: true }),
    forget: async () => {
      await client.clearStore();
    },
  };
}

interface RequestContext {
  readonly isAnonymous?: boolean;
}

function authorize(authorization: () => string | null): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const { isAnonymous } = operation.getContext() as RequestContext;
    const text = isAnonymous ? null : authorization();
    if (text !== null) operation.setContext({ headers: { authorization: text } });
    return forward(operation);
  });
}

function httpLink(options: ApiOptions): HttpLink {
  const send = options.fetch ?? fetch;
  return new HttpLink({
    uri: options.url,
    credentials: 'same-origin',
    fetch: (input, init) => {
      const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
      const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
      return send(input, { ...init, signal });
    },
  });
}
