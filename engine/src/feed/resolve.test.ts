import { createMemoryLog, createSimulatedClock } from '@kairos/ports/testing';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Probe } from './resolve.js';
import { PROBE_MS_MAX, resolveFeed } from './resolve.js';
import { configOf, NOW } from './testing/rig.js';

function resolve(variables: Readonly<Record<string, string>>, probe?: Probe) {
  const clock = createSimulatedClock(NOW);
  const log = createMemoryLog();
  const resolved = resolveFeed(configOf(variables), { clock, log, ...(probe ? { probe } : {}) });
  return { clock, log, resolved };
}

const warned = (log: { lines: readonly { level: string; fields: object }[] }) =>
  log.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields);

describe('FEED=auto', () => {
  it('is Binance where it answers', async () => {
    const { resolved, log } = resolve({ FEED: 'auto' }, () => Promise.resolve());
    expect(await resolved).toEqual({ kind: 'exchange', exchange: 'binance' });
    expect(warned(log)).toEqual([]);
  });

  it('is the simulator at once where it refuses, and says why', async () => {
    const { resolved, log } = resolve({ FEED: 'auto' }, () => Promise.reject(new Error('HTTP 451')));
    expect(await resolved).toEqual({ kind: 'simulator' });
    expect(warned(log)).toMatchObject([{ reason: 'does not answer (HTTP 451)' }]);
  });

  it('is the simulator after 5 s where nothing comes, and gives the question up', async () => {
    let isAborted = false;
    const silent: Probe = (signal) =>
      new Promise(() => signal.addEventListener('abort', () => void (isAborted = true)));
    const { resolved, clock, log } = resolve({ FEED: 'auto' }, silent);
    await clock.advance(PROBE_MS_MAX);
    expect(await resolved).toEqual({ kind: 'simulator' });
    expect(isAborted).toBe(true);
    expect(warned(log)).toMatchObject([{ reason: 'does not answer within 5 s' }]);
  });

  it.each([
    [200, 'exchange'],
    [503, 'simulator'],
  ])('asks FEED_URL where it is set: HTTP %i means %s', async (status, kind) => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(status).end('{}');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const { resolved } = resolve({ FEED: 'auto', FEED_URL: `http://127.0.0.1:${port}` });
    expect((await resolved).kind).toBe(kind);
    expect(asked).toEqual(['/api/v3/ping']);
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
});

it.each(['simulator', 'kraken', 'replay:a.csv,b.csv,c.csv,d.csv'])(
  'FEED=%s is what it says, nobody is asked',
  async (FEED) => {
    const { resolved } = resolve({ FEED }, () => Promise.reject(new Error('asked')));
    expect(await resolved).toEqual(configOf({ FEED }).FEED);
  },
);
