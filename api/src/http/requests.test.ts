import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { clientAddress, isFromOwnPage, isOwnHost, isSecure, originKind } from './requests.js';

const request = (headers: Record<string, string>, remoteAddress = '10.0.0.1'): IncomingMessage =>
  ({ headers, socket: { remoteAddress } }) as unknown as IncomingMessage;

const rules = { publicUrl: new URL('https://kairos.example'), allowedOrigins: ['https://friend.example'], proxies: 0 };

describe('the Host header', () => {
  it.each([
    ['localhost:4000', true],
    ['LOCALHOST', true],
    ['127.0.0.1:4000', true],
    ['[::1]:4000', true],
    ['kairos.example', true],
    ['kairos.example:443', true],
    ['evil.example', false],
    ['localhost.evil.example', false],
    ['127.0.0.1.evil.example', false],
    ['localhost:4000@evil.example', false],
    ['192.168.1.5:4000', false],
    ['', false],
  ])('%s names this server: %s', (host, isOwn) => expect(isOwnHost(request({ host }), rules)).toBe(isOwn));

  it('is needed', () => expect(isOwnHost(request({}), rules)).toBe(false));
});

describe('the Origin header', () => {
  const host = 'localhost:4000';
  it.each([
    [undefined, 'OWN'],
    ['http://localhost:4000', 'OWN'],
    ['https://kairos.example', 'OWN'],
    ['https://friend.example', 'ALLOWED'],
    ['https://localhost:4000', 'FOREIGN'],
    ['http://localhost:5000', 'FOREIGN'],
    ['http://127.0.0.1:4000', 'FOREIGN'],
    ['https://friend.example.evil.example', 'FOREIGN'],
    ['null', 'FOREIGN'],
    ['', 'FOREIGN'],
  ])('%s is %s', (origin, kind) =>
    expect(originKind(request({ host, ...(origin === undefined ? {} : { origin }) }), rules)).toBe(kind),
  );

  it.each([
    [{ host, origin: 'http://localhost:4000', 'sec-fetch-site': 'same-origin' }, true],
    [{ host }, true],
    [{ host, origin: 'https://friend.example' }, false],
    [{ host, 'sec-fetch-site': 'same-site' }, false],
    [{ host, 'sec-fetch-site': 'cross-site' }, false],
  ])('lets cookies count for %j: %s', (headers, isOwn) =>
    expect(isFromOwnPage(request(headers as Record<string, string>), rules)).toBe(isOwn),
  );
});

describe('the client address', () => {
  it.each([
    ['not believed without a proxy', '1.1.1.1', 0, '10.0.0.1'],
    ['the last hop behind one proxy', '6.6.6.6, 1.1.1.1', 1, '1.1.1.1'],
    ['the hop before behind two', '6.6.6.6, 1.1.1.1', 2, '6.6.6.6'],
    ['never further than there are', '1.1.1.1', 5, '1.1.1.1'],
    ['the peer when nothing was forwarded', '', 1, '10.0.0.1'],
  ])('is %s', (_name, forwarded, proxies, address) =>
    expect(clientAddress(request({ 'x-forwarded-for': forwarded }), proxies)).toBe(address),
  );

  it.each([
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s counts as %s', (remote, address) => expect(clientAddress(request({}, remote), 0)).toBe(address));
});

describe('https', () => {
  it.each([
    [{ 'x-forwarded-proto': 'https' }, 0, false],
    [{ 'x-forwarded-proto': 'https' }, 1, true],
    [{ 'x-forwarded-proto': 'https, http' }, 1, false],
    [{}, 1, false],
  ])('is believed of %j behind %i proxies: %s', (headers, proxies, secure) =>
    expect(isSecure(request(headers as Record<string, string>), proxies)).toBe(secure),
  );
});
