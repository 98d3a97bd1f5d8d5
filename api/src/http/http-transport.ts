/** How an operation reached us over HTTP. */
import type { Request, Response } from 'express';
import type { Transport } from '../context.js';
import { cookieName, readCookie, writeCookie } from './cookies.js';
import type { RequestRules } from './requests.js';
import { clientAddress, isFromOwnPage, isSecure } from './requests.js';

/** The refresh cookie counts only when a page of this server, or no page at all, posted it. */
export function httpTransport(request: Request, response: Response, rules: RequestRules): Transport {
  const name = cookieName(request.socket.localPort ?? 0);
  const secure = isSecure(request, rules.proxies);
  const isCookieTaken = request.method === 'POST' && isFromOwnPage(request, rules);
  return {
    kind: 'http',
    address: clientAddress(request, rules.proxies),
    isSecure: secure,
    refreshToken: isCookieTaken ? readCookie(request.headers.cookie, name) : null,
    setRefreshCookie: (value, expiresAt) => {
      response.setHeader('Set-Cookie', writeCookie({ name, value, expiresAt, isSecure: secure }));
    },
  };
}
