import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ReadyMessage } from '@kairos/ports';
import { systemClock } from '@kairos/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXIT, runApi } from './run-api.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'kairos-api-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Starts the process's work; `ready` is told, or null when it ends before. */
function start(env: Record<string, string> = {}) {
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
  });
  void ended.then(() => tell(null));
  return { ready, complaints, ended, stop: () => (stop.abort(), ended) };
}

const post = async (url: string, query: string) => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(new URL('graphql', url), { method: 'POST', headers, body: JSON.stringify({ query }) });
  return (await answer.json()) as { data: unknown };
};

describe('the api process', () => {
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
});
