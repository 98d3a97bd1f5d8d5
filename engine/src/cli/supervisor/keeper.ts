/** Keeps one process running: starts it, starts it again when it dies, and ends it. */
import type { Clock, Log } from '@kairos/ports';
import { LATE, orLate } from '@kairos/ports';
import { EXIT } from '../cli.js';
import { afterEnd } from './restart.js';

/** A running process. */
export interface Child {
  /** Resolves when it has ended; code null when a signal ended it. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Asks it to end. */
  terminate(): void;
  /** Ends it at once. */
  kill(): void;
}

/** How long a process may take to end before it is ended at once. */
export const TERMINATE_MS_MAX = 4_000;

export interface KeeperDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Starts the process. */
  readonly spawn: () => Child;
}

export interface Keeper {
  /** Resolves with the exit code once it is stopped (0), or when starting it again would change nothing. */
  readonly ended: Promise<number>;
  /** Resolves when its process has ended. Calling it twice is harmless. */
  stop(): Promise<void>;
}

/** @param name What the process is called in the log. */
export function keepRunning(name: string, { clock, log, spawn }: KeeperDeps): Keeper {
  const stopping = new AbortController();
  let child: Child | null = null;

  async function keep(): Promise<number> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      const startedAt = clock.monotonicMs();
      child = spawn();
      const { code, signal } = await child.ended;
      child = null;
      if (stopping.signal.aborted) break;
      const next = afterEnd(failures, { code, ranMs: clock.monotonicMs() - startedAt });
      if (next.kind === 'giveUp') return EXIT.usage;
      failures = next.failures;
      log.warn(
        { process: name, code, signal },
        `${name} ended (${signal ?? `exit code ${code}`}): again in ${next.waitMs} ms`,
      );
      await clock.sleep(next.waitMs, stopping.signal);
    }
    return EXIT.done;
  }

  const ended = keep();
  return {
    ended,
    async stop() {
      stopping.abort();
      const current = child;
      if (current) {
        current.terminate();
        if ((await orLate(clock, TERMINATE_MS_MAX, current.ended)) === LATE) {
          log.warn({ process: name }, `${name} did not end within ${TERMINATE_MS_MAX / 1_000} s: ended at once`);
          current.kill();
        }
      }
      await ended;
    },
  };
}
