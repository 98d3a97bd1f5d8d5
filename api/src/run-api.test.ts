import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Doors, ReadyMessage } from '@kairos/ports';
import { openDoors, PortError, systemClock } from '@kairos/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApiProcess } from './run-api.js';
import { EXIT, runApi } from './run-api.js';

/** A whole api is started, some of them twice. */
const TEST_MS = 30_000;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kairos-api-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Starts the process's work; `ready` is told, or null when it ends before. */
function start(env: Record<string, string> = {}, more: Partial<ApiProcess> = {}) {
  const stop = new AbortController();
  const complaints: string[] = [];
  let tell: (message: ReadyMessage | null) => void = () => undefined;
  const ready = new Promise<ReadyMessage | null>((resolve) => (tell = resolve));
  const ended = runApi({
    env: { DATA_DIR: folder, PORT: '0', FEED: 'simulator', LOG_LEVEL: 'error', ...env },
    clock: systemClock,
    signal: stop.signal,
    complain: (message) => complaints.push(message),
    onReady: tell,
    options: { hasher: { cost: 4, workers: 1 } },
    ...more,
  });
  void ended.then(() => tell(null));
  return { ready, complaints, ended, stop: () => (stop.abort(), ended) };
}

const post = async (url: string, query: string) => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(new URL('graphql', url), { method: 'POST', headers, body: JSON.stringify({ query }) });
  return (await answer.json()) as { data: unknown };
};

describe('the api process', { timeout: TEST_MS }, () => {
  it('answers over the embedded store, keeps its users over a restart, and ends when asked', async () => {
    const login = 'mutation{login(username:"admin",password:"admin123"){user{username mustChangePassword}}}';
    for (const _start of ['first', 'second']) {
      const api = start();
      const message = await api.ready;
      expect(message).toMatchObject({ kind: 'ready', username: 'admin', hasDefaultPassword: true });
      const expected = { login: { user: { username: 'admin', mustChangePassword: true } } };
      expect((await post(message?.url ?? '', login)).data).toEqual(expected);
      expect(await api.stop()).toBe(EXIT.done);
    }
  });

  it.each([
    ['a wrong variable', { PORT: 'x', JWT_SECRET: 'short' }, [/PORT/, /JWT_SECRET/]],
    ['a well-known secret', { JWT_SECRET: 'a'.repeat(40) }, [/JWT_SECRET/]],
    ['the default password on an open address', { HOST: '0.0.0.0' }, [/ADMIN_PASSWORD/]],
    ['a feed that nobody has found out', { FEED: 'auto' }, [/FEED/]],
    ['a replay that is not there', { FEED: 'replay:none.csv', SYMBOLS: 'BTCUSDT' }, [/FEED/]],
  ])('refuses to start with %s: one message, exit code 2', async (_name, env, words) => {
    const api = start(env);
    expect(await api.ready).toBeNull();
    expect(await api.ended).toBe(EXIT.usage);
    expect(api.complaints).toHaveLength(1);
    for (const word of words) expect(api.complaints[0]).toMatch(word);
  });

  it('fails with exit code 1 when its port is taken', async () => {
    const first = start();
    const port = new URL((await first.ready)?.url ?? '').port;
    const second = start({ PORT: port });
    expect(await second.ended).toBe(EXIT.failed);
    expect(second.complaints[0]).toContain(port);
    await first.stop();
  });

  it.each([
    ['whose doors close', (doors: Doors): Doors['close'] => doors.close],
    ['whose doors never close', () => () => new Promise<never>(() => undefined)],
  ])('fails with exit code 1 when its reading hangs for good, also one %s', async (_name, closeOf) => {
    let hang: () => void = () => undefined;
    const opened: Doors[] = [];
    const api = start(
      {},
      {
        async openDoors(config, world, deps) {
          hang = () => deps.onStuck?.(new PortError('STUCK', 'expected records, found none'));
          const doors = await openDoors(config, world, deps);
          opened.push(doors);
          return { ...doors, close: closeOf(doors) };
        },
      },
    );
    await api.ready;
    hang();
    expect(await api.ended).toBe(EXIT.failed);
    for (const doors of opened) await doors.close();
  });
});
