/** Feed, predictor and trader as processes of their own, from source, to be killed and started again. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** As the command line calls them; `trade-2` and `trade-3` are others that trade. */
export type Part = 'trade' | 'trade-2' | 'trade-3' | 'predict' | 'feed';
export const PARTS: readonly Part[] = ['trade', 'predict', 'feed'];

export const commandOf = (part: Part): string => part.split('-')[0]!;

/** A process that is no more. */
export interface Dead {
  readonly part: Part;
  readonly pid: number;
}

export interface Crew {
  start(part: Part): void;
  /** kill -9; resolves when the process is gone, with null where there was none. */
  kill(part: Part): Promise<Dead | null>;
  killAll(): Promise<void>;
  /** Freezes a process where it is, and lets it go on. */
  freeze(part: Part): void;
  thaw(part: Part): void;
  /** @throws Error when a process has ended that nobody has killed. */
  assertAlive(): void;
  /** Those that have ended themselves since the last call because their event loop stood still; no failures any more. */
  takeStalled(): readonly Dead[];
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
/** What a process says that its own watchdog ends: the machine is too busy, or the process is. */
const STOOD_STILL = 'the event loop stood still';
const FLAGS = BUNDLED === undefined ? SOURCE_FLAGS : [BUNDLED];

export function createCrew(env: Readonly<Record<string, string>>, parts: readonly Part[] = PARTS): Crew {
  const running = new Map<Part, ChildProcess>();
  const failures: string[] = [];
  const stalled = new Map<Part, Dead>();

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
      stalled.delete(part);
      // What it has said last is heard before its end.
      child.once('close', (code) => {
        if (running.get(part) !== child) return;
        if (code === null && said.includes(STOOD_STILL)) stalled.set(part, { part, pid: child.pid! });
        else failures.push(`${part} has ended by itself with ${code}: ${said}`);
      });
    },
    async kill(part) {
      const pid = running.get(part)?.pid;
      await end(part, 'SIGKILL');
      return pid === undefined ? null : { part, pid };
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
      const all = [
        ...failures,
        ...[...stalled.keys()].map((part) => `the event loop of ${part} stood still: is the machine busy?`),
      ];
      if (all.length > 0) throw new Error(all.join('\n'));
    },
    takeStalled() {
      const taken = [...stalled.values()];
      stalled.clear();
      return taken;
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
