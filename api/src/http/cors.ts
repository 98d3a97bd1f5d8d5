/** Which pages may call: this server's own, and those of ALLOWED_ORIGINS, each by its exact origin. */
import type { RequestHandler } from 'express';
import { refuse } from './json-errors.js';
import type { RequestRules } from './requests.js';
import { isOwnHost, originKind } from './requests.js';

const PREFLIGHT_SECONDS = '600';

/** Refuses other hosts (421) and foreign origins (403); answers preflights of allowed ones. */
export function guardOrigins(rules: RequestRules): RequestHandler {
  return (request, response, next) => {
    response.vary('Origin');
    if (!isOwnHost(request, rules)) {
      const message = 'This server is not known by that name: open it as localhost, or set PUBLIC_URL.';
      return refuse(response, 421, { code: 'FORBIDDEN', message });
    }
    const kind = originKind(request, rules);
    if (kind === 'FOREIGN') {
      const message = 'Pages of that origin may not call this server: see ALLOWED_ORIGINS.';
      return refuse(response, 403, { code: 'FORBIDDEN', message });
    }
    if (kind === 'ALLOWED') {
      response.set('Access-Control-Allow-Origin', request.headers.origin);
      if (request.method === 'OPTIONS') {
        response.set({
          'Access-Control-Allow-Methods': 'GET, POST',
          'Access-Control-Allow-Headers': 'authorization, content-type, accept',
          'Access-Control-Max-Age': PREFLIGHT_SECONDS,
        });
        return response.status(204).end();
      }
    }
    next();
  };
}
