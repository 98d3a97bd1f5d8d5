/** The routes of the HTTP side, in the order in which they are tried. */
import type { Log } from '@kairos/ports';
import type { Express, RequestHandler, Router } from 'express';
import express from 'express';
import { guardOrigins } from './cors.js';
import { securityHeaders } from './headers.js';
import { jsonErrors, refuse } from './json-errors.js';
import { playground } from './playground.js';
import type { RequestRules } from './requests.js';
import { isSecure } from './requests.js';

/** Bytes of a request's body. */
export const BODY_BYTES_MAX = 100_000;
const JSON_TYPE = 'application/json';

export interface HttpAppParts {
  readonly rules: RequestRules;
  readonly graphql: RequestHandler;
  readonly probes: Router;
  readonly webApp: Router;
  readonly isPlaygroundOn: boolean;
  readonly log: Log;
}

export function createHttpApp(parts: HttpAppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(securityHeaders((request) => isSecure(request, parts.rules.proxies)));
  app.use(guardOrigins(parts.rules));
  app.use(parts.probes);
  if (parts.isPlaygroundOn) app.get('/graphql', playground);
  app.use(
    '/graphql',
    onlyJson,
    express.json({ limit: BODY_BYTES_MAX, inflate: false, type: JSON_TYPE }),
    parts.graphql,
  );
  app.use(parts.webApp);
  app.use((_request, response) => refuse(response, 404, { code: 'NOT_FOUND', message: 'There is nothing here.' }));
  app.use(jsonErrors(parts.log));
  return app;
}

/** A body that is not JSON is not read. */
const onlyJson: RequestHandler = (request, response, next) => {
  response.set('Cache-Control', 'no-store');
  if (request.method === 'POST' && !request.is(JSON_TYPE)) {
    return refuse(response, 415, { code: 'BAD_USER_INPUT', message: 'Expected application/json.' });
  }
  next();
};
