import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sweep } from './folders.mjs';
import { createServerProcess, readPid } from './server-process.mjs';

describe('a server as a process', () => {
  let folder;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'kairos-process-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a line of JavaScript that has the folder among its arguments; ready when it has written `ready`. */
  const serverOf = (code, options = {}) =>
    createServerProcess({
      name: 'sample',
      folder,
      command: process.execPath,
      args: ['-e', code, folder],
      checkReady: async () => {
        if (!existsSync(join(folder, 'ready'))) throw new Error('not yet');
      },
      ...options,
    });
  const READY = "require('node:fs').writeFileSync(process.argv[1] + '/ready', '');setInterval(() => {}, 1000);";

  it('is ready when it answers; stopped, it leaves no process id behind', async () => {
    const server = serverOf(READY);
    await server.start();
    expect(readPid(folder)).toEqual({ pid: server.pid, isAlive: true });
    await server.stop();
    expect(server.pid).toBeNull();
    expect(readPid(folder)).toBeNull();
  });

  it('starts again after it was killed', async () => {
    const server = serverOf(READY);
    await server.start();
    const before = server.pid;
    await server.kill();
    await server.start();
    expect(server.pid).not.toBe(before);
    await server.stop();
  });

  it('stops one that was halted in its tracks', async () => {
    const server = serverOf(READY);
    await server.start();
    await server.kill('SIGSTOP');
    await server.stop();
    expect(server.pid).toBeNull();
  });

  it('tells what one said that ended before it answered', async () => {
    const server = serverOf("console.error('no such port');process.exit(3)");
    await expect(server.start()).rejects.toThrow('Expected sample to start, found that it ended:\nno such port');
    expect(readPid(folder)).toBeNull();
  });

  it('tells of a program that is not there', async () => {
    const server = serverOf(READY, { command: join(folder, 'nothing') });
    await expect(server.start()).rejects.toThrow('ENOENT');
  });

  it('is not started twice', async () => {
    const server = serverOf(READY);
    await server.start();
    await expect(serverOf(READY).start()).rejects.toThrow('sample is running already');
    await server.stop();
  });

  it.each([
    ['belongs to nobody', () => 2 ** 22 + 1],
    ['belongs to another program', () => process.pid],
    ['is none', () => 'x'],
  ])('knows a process id as stale that %s', (_name, pid) => {
    writeFileSync(join(folder, 'server.pid'), `${pid()} ${folder}`);
    expect(readPid(folder)?.isAlive).toBe(false);
  });

  it('refuses to signal one that has ended', async () => {
    await expect(serverOf(READY).kill('SIGSTOP')).rejects.toThrow('found it has ended');
  });
});

it('what a dead test process left running is killed, and its files go', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'kairos-sweep-'));
  const folder = mkdtempSync(join(parent, 'server-'));
  const orphan = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', folder]);
  const ended = once(orphan, 'exit');
  await once(orphan, 'spawn');
  writeFileSync(join(folder, 'server.pid'), `${orphan.pid} ${folder}`);
  expect(await sweep(parent)).toBe(1);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(existsSync(parent)).toBe(false);
});
