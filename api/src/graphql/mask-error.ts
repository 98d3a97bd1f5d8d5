/**
 * What of an error a client is shown. Errors that were made for it go out as they are; what is wrong with a request is
 * BAD_USER_INPUT; everything else is logged with a correlation id and goes out as INTERNAL with that id alone.
 */
import { randomUUID } from 'node:crypto';
import { ApolloServerErrorCode } from '@apollo/server/errors';
import type { Log } from '@kairos/ports';
import { isPortError } from '@kairos/ports';
import type { GraphQLFormattedError } from 'graphql';
import { GraphQLError } from 'graphql';
import { ApiError } from './errors.js';

export type MaskError = (error: unknown) => GraphQLFormattedError;

export interface MaskOptions {
  readonly log: Log;
  /** False: names of the schema that a message suggests are taken out. */
  readonly areSuggestionsShown: boolean;
}

/** Codes of Apollo Server that speak of the request, not of us. */
const REQUEST_CODES: readonly unknown[] = [
  ApolloServerErrorCode.GRAPHQL_PARSE_FAILED,
  ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED,
  ApolloServerErrorCode.PERSISTED_QUERY_NOT_FOUND,
  ApolloServerErrorCode.PERSISTED_QUERY_NOT_SUPPORTED,
  ApolloServerErrorCode.BAD_USER_INPUT,
  ApolloServerErrorCode.OPERATION_RESOLUTION_FAILURE,
  ApolloServerErrorCode.BAD_REQUEST,
];

export function createMaskError({ log, areSuggestionsShown }: MaskOptions): MaskError {
  return (error) => {
    const where = error instanceof GraphQLError ? placeOf(error) : {};
    const cause = causeOf(error);
    if (cause instanceof ApiError) {
      const { http: _head, ...extensions } = cause.extensions;
      const message = error instanceof GraphQLError && !error.path ? error.message : cause.message;
      return { message, ...where, extensions };
    }
    if (error instanceof GraphQLError && isAboutRequest(error)) {
      const message = areSuggestionsShown ? error.message : withoutSuggestion(error.message);
      return { message, ...where, extensions: { code: 'BAD_USER_INPUT' } };
    }
    if (isPortError(cause) && cause.isRetriable) {
      log.warn({ error: cause.message }, 'A request could not be answered: store or bus do not answer.');
      const message = 'Store or bus do not answer now. Reads: try again. Changes: look first whether it was done.';
      return { message, ...where, extensions: { code: 'UNAVAILABLE' } };
    }
    const correlationId = randomUUID();
    log.error({ correlationId, ...describeError(cause) }, 'A request failed.');
    return { message: 'Internal error', ...where, extensions: { code: 'INTERNAL', correlationId } };
  };
}

/** What was thrown, below what GraphQL put around it. */
function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && !(cause instanceof ApiError) && cause.originalError)
    cause = cause.originalError;
  return cause;
}

function placeOf(error: GraphQLError): Pick<GraphQLFormattedError, 'locations' | 'path'> {
  const { locations, path } = error;
  return { ...(locations ? { locations } : {}), ...(path ? { path } : {}) };
}

/** Errors with a path come from execution: of these only a missing variable of an argument is the client's doing. */
function isAboutRequest(error: GraphQLError): boolean {
  const code = error.extensions['code'];
  if (error.path) return error.message.startsWith('Argument "') && code === undefined;
  const { originalError } = error;
  if (code === undefined) return !originalError || originalError instanceof GraphQLError;
  return REQUEST_CODES.includes(code);
}

const withoutSuggestion = (message: string): string => message.replace(/ ?Did you mean .+?\?$/, '');

function describeError(error: unknown): object {
  return error instanceof Error ? { error: error.message, stack: error.stack } : { error: String(error) };
}
