/** What `bin/kairos.mjs` does when it is asked to end before the program behind it listens; that one is a stand-in here. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const END_MS_MAX = 1_000;
const SAYS = "process.stdout.write('here');";
const WAITS = 'await new Promise(() => setInterval(() => undefined, 1_000));';
/** Never loaded to its end. */
const LOADING = `${SAYS} ${WAITS} export const runCli = () => 0;`;
/** Loaded, and busy with what nobody can interrupt by now, such as opening bus and store. */
const OPENING = `export const runCli = async () => { ${SAYS} ${WAITS} };`;
/** Listens itself, and ends in its own way. */
const LISTENING = `export const runCli = () => new Promise((resolve) => {
  for (const ask of ['SIGTERM', 'disconnect']) process.on(ask, () => setTimeout(() => resolve(7), 20));
  ${SAYS} setInterval(() => undefined, 1_000);
});`;

/** Starts the command with `main` in place of what was built; resolves when that has begun. */
async function startKairos(main: string, command: string): Promise<ChildProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-bin-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(import.meta.dirname, '../bin'), join(folder, 'bin'), { recursive: true });
  mkdirSync(join(folder, 'dist/cli'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(folder, 'dist/cli/main.js'), main);
  const child = spawn(process.execPath, [join(folder, 'bin/kairos.mjs'), command], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout!, 'data');
  return child;
}

/** Its exit code, or the signal that ended it. */
async function endOf(child: ChildProcess): Promise<number | string | null> {
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(END_MS_MAX) });
  const [code, signal] = (await ended) as [number | null, string | null];
  return code ?? signal;
}

const RUNNING = ['start', 'api', 'engine', 'feed', 'predict', 'trade'];

describe('kairos that is asked to end while it is being loaded', () => {
  it.each(RUNNING)('%s ends well, within a second', async (command) => {
    const child = await startKairos(LOADING, command);
    child.kill('SIGTERM');
    expect(await endOf(child)).toBe(0);
  });

  it.each(['SIGINT', 'SIGHUP'] as const)('ends well by %s too', async (signal) => {
    const child = await startKairos(LOADING, 'trade');
    child.kill(signal);
    expect(await endOf(child)).toBe(0);
  });

  it('ends with whoever supervises it', async () => {
    const child = await startKairos(LOADING, 'engine');
    child.disconnect();
    expect(await endOf(child)).toBe(0);
  });

  it.each(['panic', 'doctor', 'user'])('%s does not claim to have done its work', async (command) => {
    const child = await startKairos(LOADING, command);
    child.kill('SIGTERM');
    expect(await endOf(child)).toBe('SIGTERM');
  });

  it('ends well while bus and store are being opened', async () => {
    const child = await startKairos(OPENING, 'trade');
    child.kill('SIGTERM');
    expect(await endOf(child)).toBe(0);
  });
});

describe('kairos that listens itself', () => {
  it('ends in its own way when it is asked to', async () => {
    const child = await startKairos(LISTENING, 'trade');
    child.kill('SIGTERM');
    expect(await endOf(child)).toBe(7);
  });

  it('ends in its own way when its supervisor is gone', async () => {
    const child = await startKairos(LISTENING, 'trade');
    child.disconnect();
    expect(await endOf(child)).toBe(7);
  });
});
