/** What a request says of itself, believed only as far as it can be: address, scheme, host and origin. */
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** What the checks depend on. */
export interface RequestRules {
  readonly publicUrl: URL | null;
  readonly allowedOrigins: readonly string[];
  /** Proxies in front whose X-Forwarded headers are believed. */
  readonly proxies: number;
}

const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];
const HOST_TEXT = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/;

/** The peer's address, behind trusted proxies the client's. IPv6 is cut to its /64, which is what one client has. */
export function clientAddress(request: IncomingMessage, proxies: number): string {
  const forwarded = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const chain = [request.socket.remoteAddress ?? 'unknown', ...forwarded.reverse()];
  return networkOf(chain[Math.min(proxies, chain.length - 1)] ?? 'unknown');
}

function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').slice(0, 64);
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('%')[0]!.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`;
}

/** Whether it came by https, to us or to the nearest trusted proxy. */
export function isSecure(request: IncomingMessage, proxies: number): boolean {
  if ((request.socket as TLSSocket).encrypted) return true;
  const forwarded = String(request.headers['x-forwarded-proto'] ?? '').split(',');
  return proxies > 0 && forwarded.at(-Math.min(proxies, forwarded.length))?.trim().toLowerCase() === 'https';
}

/** Whether the Host header names this server. */
export function isOwnHost(request: IncomingMessage, { publicUrl }: RequestRules): boolean {
  const name = HOST_TEXT.exec(request.headers.host?.toLowerCase() ?? '')?.[1];
  return name !== undefined && (LOOPBACK_NAMES.includes(name) || name === publicUrl?.hostname);
}

/** OWN: no origin, or this server's. ALLOWED: on the list. FOREIGN: any other, `null` included. */
export type OriginKind = 'OWN' | 'ALLOWED' | 'FOREIGN';

export function originKind(request: IncomingMessage, rules: RequestRules): OriginKind {
  const origin = request.headers.origin;
  if (origin === undefined) return 'OWN';
  const scheme = isSecure(request, rules.proxies) ? 'https' : 'http';
  const own = `${scheme}://${request.headers.host?.toLowerCase()}`;
  if (origin === own || origin === rules.publicUrl?.origin) return 'OWN';
  return rules.allowedOrigins.includes(origin) ? 'ALLOWED' : 'FOREIGN';
}

/** Whether a page of this server, or no page at all, sent it: only then cookies count. */
export function isFromOwnPage(request: IncomingMessage, rules: RequestRules): boolean {
  const site = request.headers['sec-fetch-site'];
  return originKind(request, rules) === 'OWN' && (site === undefined || site === 'same-origin');
}
