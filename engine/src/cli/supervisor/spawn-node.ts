/** Starts a Node.js program as a child whose lines are prefixed and whose messages are heard. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Child } from './keeper.js';

export interface NodeProgram {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Takes each line that it writes, without line end. */
  readonly onLine: (line: string) => void;
  /** Takes what it says on its channel. */
  readonly onMessage: (message: unknown) => void;
}

/** The child ends by itself when this process is gone: its channel closes then. */
export function spawnNode({ file, args, env, onLine, onMessage }: NodeProgram): Child {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env });
  child.on('message', onMessage);
  const lines = Promise.all([child.stdout, child.stderr].map((stream) => forwardLines(stream, onLine)));
  const ended = new Promise<Awaited<Child['ended']>>((resolve) => {
    child.once('error', (error) => {
      onLine(`could not be started: ${error.message}`);
      resolve({ code: 1, signal: null });
    });
    child.once('exit', (code, signal) => {
      // What it wrote last is heard before its end.
      void lines.then(() => resolve({ code, signal }));
    });
  });
  return {
    ended,
    terminate: () => void child.kill('SIGTERM'),
    kill: () => void child.kill('SIGKILL'),
  };
}

function forwardLines(stream: Readable | null, onLine: (line: string) => void): Promise<void> {
  return new Promise((resolve) => {
    if (!stream) return resolve();
    const reader = createInterface({ input: stream });
    reader.on('line', onLine);
    reader.once('close', resolve);
  });
}
