/** Starts Kairos as a user does, on data of its own, and knows its processes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CLI = join(import.meta.dirname, '../../engine/bin/kairos.mjs');
const READY_MS = 60_000;
const STOP_MS = 10_000;

export interface Kairos {
  readonly url: string;
  /** Kills the process of a role without warning, as a crash does. */
  kill(role: 'engine' | 'api'): void;
  /** As Ctrl-C; resolves with the milliseconds until everything had ended. */
  stop(): Promise<number>;
  /** Everything said so far. */
  output(): string;
}

/** @param env Settings beside those that a test needs: a folder and a port of its own. */
export async function startKairos(env: Readonly<Record<string, string>>): Promise<Kairos> {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-e2e-'));
  const port = await freePort();
  const child = spawn(process.execPath, [CLI, 'start'], {
    env: { ...process.env, DATA_DIR: folder, PORT: String(port), LOG_FORMAT: 'json', FEED: 'simulator', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`expected a page within ${READY_MS} ms, found:\n${output}`)),
      READY_MS,
    );
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const found = /"kind":"ready","url":"([^"]+)"/.exec(output)?.[1];
      if (!found) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`expected Kairos to run, it ended with ${code}:\n${output}`)));
  });

  return {
    url,
    output: () => output,
    kill(role) {
      const pid = pidOf(child.pid ?? 0, role);
      if (pid === null) throw new Error(`expected a running ${role} process, found none`);
      process.kill(pid, 'SIGKILL');
    },
    async stop() {
      const began = performance.now();
      if (child.exitCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGINT');
        const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
        await ended;
        clearTimeout(timer);
      }
      rmSync(folder, { recursive: true, force: true });
      return performance.now() - began;
    },
  };
}

/** The child process of the supervisor that plays a role, by its command line. */
function pidOf(parent: number, role: 'engine' | 'api'): number | null {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').filter(Boolean);
  const marks = { engine: ' engine', api: 'api/dist/main.js' };
  for (const pid of children) {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trimEnd();
    if (words.includes(marks[role])) return Number(pid);
  }
  return null;
}

/** A port that is free now; it must stay the same when the api is restarted. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
