/** What the API says when it cannot, in one shape for HTTP and socket. */
import { CombinedGraphQLErrors } from '@apollo/client/errors';

export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'BAD_USER_INPUT'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'TOO_MANY_REQUESTS'
  | 'SECOND_FACTOR_REQUIRED'
  | 'UNAVAILABLE'
  | 'INTERNAL'
  /** No answer at all: the page's own code. */
  | 'UNREACHABLE';

/** An error with the words to show and the code to act on. */
export class ApiError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    /** The field that could not be answered, dotted; empty when the whole request failed. */
    readonly path: string = '',
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** One error as GraphQL sends it. */
export interface WireError {
  readonly message: string;
  readonly path?: readonly (string | number)[] | undefined;
  readonly extensions?: Record<string, unknown> | undefined;
}

/** Reads one error from the wire. Without a known code it is INTERNAL. */
export function fromWire(error: WireError): ApiError {
  const extensions = error.extensions ?? {};
  const code = typeof extensions['code'] === 'string' ? (extensions['code'] as ErrorCode) : 'INTERNAL';
  return new ApiError(code, messageOf(code, error.message, extensions), (error.path ?? []).join('.'));
}

function messageOf(code: ErrorCode, message: string, extensions: Record<string, unknown>): string {
  if (code === 'TOO_MANY_REQUESTS' && typeof extensions['retryAfterSeconds'] === 'number') {
    return `${message} Try again in ${Math.ceil(extensions['retryAfterSeconds'])} s.`;
  }
  if (code === 'INTERNAL' && typeof extensions['correlationId'] === 'string') {
    return `${message} The log has it under ${extensions['correlationId']}.`;
  }
  return message;
}

/** Every error that a failed request carries; at least one. */
export function errorsOf(error: unknown): ApiError[] {
  if (error instanceof ApiError) return [error];
  if (CombinedGraphQLErrors.is(error) && error.errors.length > 0) return error.errors.map(fromWire);
  return [new ApiError('UNREACHABLE', 'The API does not answer.')];
}

/** The first error that a failed request carries. */
export const errorOf = (error: unknown): ApiError => errorsOf(error)[0] as ApiError;
