/** Headers that tell a browser what this server's answers may do: nothing but what the page needs. */
import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';

const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/gi;

/** CSP sources of the inline scripts of a page: their hashes. */
export const inlineScriptHashes = (html: string): readonly string[] =>
  [...html.matchAll(INLINE_SCRIPT)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );

/** The policy of a page with these inline scripts; `host` is where its socket may go. */
export function pagePolicy(scriptHashes: readonly string[], host: string): string {
  return [
    "default-src 'self'",
    ["script-src 'self'", ...scriptHashes].join(' '),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    `connect-src 'self' ws://${host} wss://${host}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const STRICT_POLICY = "default-src 'none'; frame-ancestors 'none'";
const HSTS = 'max-age=31536000';

/** Sets what every answer carries; pages loosen the policy for themselves. */
export function securityHeaders(isSecure: (request: Parameters<RequestHandler>[0]) => boolean): RequestHandler {
  return (request, response, next) => {
    response.set({
      'Content-Security-Policy': STRICT_POLICY,
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=()',
      'X-DNS-Prefetch-Control': 'off',
    });
    if (isSecure(request)) response.set('Strict-Transport-Security', HSTS);
    next();
  };
}
