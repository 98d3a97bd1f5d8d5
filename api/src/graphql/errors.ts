/**
 * Every error that a client may see. `extensions.code` says what kind it is; the message is for people and carries no
 * secret, path or stack. Whatever else is thrown goes out as INTERNAL with a correlation id (see `mask-error.ts`).
 */
import { GraphQLError } from 'graphql';

export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'BAD_USER_INPUT'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'TOO_MANY_REQUESTS'
  | 'SECOND_FACTOR_REQUIRED'
  | 'UNAVAILABLE'
  | 'INTERNAL';

/** An error meant for the client: message and extensions go out as they are. */
export class ApiError extends GraphQLError {
  constructor(
    readonly code: ErrorCode,
    message: string,
    extensions: Readonly<Record<string, unknown>> = {},
  ) {
    super(message, { extensions: { ...extensions, code } });
  }
}

/** Nobody is logged in, or name and password do not belong together. */
export class UnauthenticatedError extends ApiError {
  constructor(message = 'Log in first.') {
    super('UNAUTHENTICATED', message);
  }
}

/** The viewer's role does not allow it. */
export class ForbiddenError extends ApiError {
  constructor(message = 'Your role does not allow this.') {
    super('FORBIDDEN', message);
  }
}

/** An argument is not what it may be: the message says what was expected and what was found. */
export class BadInputError extends ApiError {
  constructor(message: string) {
    super('BAD_USER_INPUT', message);
  }
}

/** It does not exist, or belongs to somebody else: both answer alike. */
export class NotFoundError extends ApiError {
  constructor(what: string) {
    super('NOT_FOUND', `${what} does not exist.`);
  }
}

/** The state of things does not allow it; the message says what to do. */
export class ConflictError extends ApiError {
  constructor(message: string) {
    super('CONFLICT', message);
  }
}

/** Too many tries: again after `retryAfterSeconds`. */
export class TooManyRequestsError extends ApiError {
  constructor(retryAfterSeconds: number, message = 'Too many tries. Wait a little, then try again.') {
    super('TOO_MANY_REQUESTS', message, { retryAfterSeconds: Math.max(1, Math.ceil(retryAfterSeconds)) });
  }
}

/** The action needs a second factor's code. */
export class SecondFactorRequiredError extends ApiError {
  constructor() {
    super('SECOND_FACTOR_REQUIRED', 'This needs the code of your second factor.');
  }
}

/** Store or bus does not answer: the message says what was done and what not. */
export class UnavailableError extends ApiError {
  constructor(message: string) {
    super('UNAVAILABLE', message);
  }
}
