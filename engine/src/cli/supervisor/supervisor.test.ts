/** The supervisor with real processes: tiny programs that print, die and refuse to end. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReadyMessage } from '@kairos/ports';
import { systemClock } from '@kairos/ports';
import { createMemoryLog } from '@kairos/ports/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { supervise } from './supervisor.js';

const PROGRAMS = {
  good: `
    process.on('SIGTERM', () => { console.log('bye'); process.exit(0); });
    process.send({ kind: 'ready', url: 'http://localhost:1', username: 'admin', hasDefaultPassword: false });
    console.log('up', process.pid);
    console.error('a warning');
    setInterval(() => {}, 1000);`,
  stubborn: `
    process.on('SIGTERM', () => console.log('not yet'));
    console.log('up', process.pid);
    setInterval(() => {}, 1000);`,
  misconfigured: `console.log('up', process.pid); process.exitCode = 2; process.disconnect();`,
};

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kairos-supervisor-'));
  for (const [name, text] of Object.entries(PROGRAMS)) await writeFile(join(folder, `${name}.mjs`), text);
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs programs, and gives their lines to whoever waits for them. */
function run(...names: (keyof typeof PROGRAMS)[]) {
  const stop = new AbortController();
  const heard: string[] = [];
  const ready: ReadyMessage[] = [];
  const waiting: { readonly text: string; readonly count: number; readonly resolve: (line: string) => void }[] = [];
  const look = () => {
    for (const wait of [...waiting]) {
      const found = heard.filter((line) => line.includes(wait.text));
      if (found.length < wait.count) continue;
      waiting.splice(waiting.indexOf(wait), 1);
      wait.resolve(found.at(-1)!);
    }
  };
  const programs = names.map((name) => ({ name, file: join(folder, `${name}.mjs`), args: [], env: process.env }));
  const ended = supervise(programs, {
    clock: systemClock,
    log: createMemoryLog(),
    signal: stop.signal,
    onLine(name, line) {
      heard.push(`${name} ${line}`);
      look();
    },
    onReady: (message) => ready.push(message),
  });
  /** Resolves with the line that holds the text for the `count`th time. */
  const line = (text: string, count = 1) =>
    new Promise<string>((resolve) => {
      waiting.push({ text, count, resolve });
      look();
    });
  return { stop, ended, line, heard, ready };
}

const pidOf = (line: string): number => Number(line.split(' ').at(-1));
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('the supervisor', () => {
  it('hears lines of both outputs and what a program says on its channel, and ends it when asked', async () => {
    const { stop, ended, line, ready, heard } = run('good');
    const pid = pidOf(await line('good up'));
    await line('good a warning');
    stop.abort();
    expect(await ended).toBe(0);
    expect(heard).toContain('good bye');
    expect(ready).toEqual([{ kind: 'ready', url: 'http://localhost:1', username: 'admin', hasDefaultPassword: false }]);
    expect(isAlive(pid)).toBe(false);
  });

  it('starts a killed program again', async () => {
    const { stop, ended, line } = run('good');
    const first = pidOf(await line('good up'));
    process.kill(first, 'SIGKILL');
    const second = pidOf(await line('good up', 2));
    expect(second).not.toBe(first);
    stop.abort();
    expect(await ended).toBe(0);
  });

  it('ends all within 5 s, also one that does not want to', async () => {
    const { stop, ended, line } = run('stubborn', 'good');
    const pids = (await Promise.all([line('stubborn up'), line('good up')])).map(pidOf);
    const startedAt = performance.now();
    stop.abort();
    expect(await ended).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(pids.map(isAlive)).toEqual([false, false]);
  }, 10_000);

  it('ends all when one is misconfigured, with exit code 2', async () => {
    const { ended, heard } = run('good', 'misconfigured');
    expect(await ended).toBe(2);
    const pids = heard.filter((line) => line.includes(' up ')).map(pidOf);
    expect(pids.filter(isAlive)).toEqual([]);
  });
});
