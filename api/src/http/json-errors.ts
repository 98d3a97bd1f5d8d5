/** Every refusal of this server is JSON in the shape of GraphQL errors, whatever went wrong before GraphQL. */
import { randomUUID } from 'node:crypto';
import type { Log } from '@kairos/ports';
import type { ErrorRequestHandler, Response } from 'express';
import type { ErrorCode } from '../graphql/errors.js';

/** Answers with one error. */
export function refuse(response: Response, status: number, error: { code: ErrorCode; message: string }): void {
  response
    .status(status)
    .set('Cache-Control', 'no-store')
    .json({ errors: [{ message: error.message, extensions: { code: error.code } }] });
}

const MESSAGES: Readonly<Record<number, string>> = {
  400: 'The request is not valid: expected JSON.',
  413: 'The request is too large.',
  415: 'Expected application/json, in UTF-8 and not compressed.',
};

/** The last handler: says what was wrong with a request, and nothing of what is wrong with us. */
export function jsonErrors(log: Log): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const status = statusOf(error);
    if (status < 500) {
      return refuse(response, status, {
        code: 'BAD_USER_INPUT',
        message: MESSAGES[status] ?? 'The request is not valid.',
      });
    }
    const correlationId = randomUUID();
    log.error({ correlationId, error: String(error) }, 'A request failed outside GraphQL.');
    response
      .status(500)
      .json({ errors: [{ message: 'Internal error', extensions: { code: 'INTERNAL', correlationId } }] });
  };
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
