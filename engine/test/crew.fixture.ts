/** Feed, predictor and trader as processes of their own, from source, to be killed and started again. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** As the command line calls them; `trade-2` and `trade-3` are others that trade. */
export type Part = 'trade' | 'trade-2' | 'trade-3' | 'predict' | 'feed';
export const PARTS: readonly Part[] = ['trade', 'predict', 'feed'];

export const commandOf = (part: Part): string => part.split('-')[0]!;

export interface Crew {
  start(part: Part): void;
  /** kill -9; resolves with its id when the process is gone, null where there was none. */
  kill(part: Part): Promise<number | null>;
  killAll(): Promise<void>;
  /** Freezes a process where it is, and lets it go on. */
  freeze(part: Part): void;
  thaw(part: Part): void;
  /** @throws Error when a process has ended that nobody has killed. */
  assertAlive(): void;
  /** Asks all to end, and waits until they have. @throws Error when one ends otherwise than well. */
  stop(): Promise<void>;
}

/** Arguments of `node` that run `kairos` from source; a command follows. */
export const SOURCE_FLAGS: readonly string[] = [
  '--conditions=source',
  '--import',
  join(import.meta.dirname, '../../ports/fixtures/register-typescript.mjs'),
  join(import.meta.dirname, 'kairos-process.ts'),
];
/** The same from where the tests on real servers have bundled it. */
const BUNDLED = process.env['TEST_KAIROS_PROGRAM'];
const FLAGS = BUNDLED === undefined ? SOURCE_FLAGS : [BUNDLED];

export function createCrew(env: Readonly<Record<string, string>>, parts: readonly Part[] = PARTS): Crew {
  const running = new Map<Part, ChildProcess>();
  const failures: string[] = [];

  const end = async (part: Part, signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> => {
    const child = running.get(part);
    if (!child) return 0;
    running.delete(part);
    const exit = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
    child.kill(signal);
    await exit;
    return child.exitCode ?? child.signalCode;
  };

  const crew: Crew = {
    start(part) {
      const child = spawn(process.execPath, [...FLAGS, commandOf(part)], {
        env: { PATH: process.env['PATH'] ?? '', ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-2_000)));
      running.set(part, child);
      child.once('exit', (code) => {
        if (running.get(part) === child) failures.push(`${part} has ended by itself with ${code}: ${said}`);
      });
    },
    async kill(part) {
      const pid = running.get(part)?.pid ?? null;
      await end(part, 'SIGKILL');
      return pid;
    },
    async killAll() {
      await Promise.all(parts.map(crew.kill));
    },
    freeze(part) {
      running.get(part)?.kill('SIGSTOP');
    },
    thaw(part) {
      running.get(part)?.kill('SIGCONT');
    },
    assertAlive() {
      if (failures.length > 0) throw new Error(failures.join('\n'));
    },
    async stop() {
      crew.assertAlive();
      for (const part of [...running.keys()].reverse()) {
        const code = await end(part, 'SIGTERM');
        // A runtime that has not come to its first line yet listens to nothing.
        if (code !== 0 && code !== 'SIGTERM')
          throw new Error(`expected ${part} to end well when asked to, found exit code ${code}`);
      }
    },
  };
  return crew;
}
