/**
 * How calls wait for a file that other processes use: the driver waits a moment, then the call is repeated with the
 * event loop free in between. Writes of one process take turns, so that only one of them asks.
 */
import type { Clock } from '../../clock/clock.js';
import { PortError } from '../../errors.js';
import type { Log } from '../../log/log.js';
import type { CallRunner } from '../promised.js';
import { isBusy, portErrorOf } from './sqlite-error.js';

/** How long the driver itself waits for a lock: it holds up the event loop. */
export const BUSY_TIMEOUT_MS = 3;
/** Then the call is repeated this far apart, for this long in all. */
export const BUSY_RETRY_MS = 7;
export const BUSY_WAIT_MS_MAX = 10_000;
/** Writes of one process that wait for their turn. */
export const WRITES_WAITING_MAX = 10_000;

export interface PatienceDeps {
  readonly clock: Clock;
  readonly log?: Log | undefined;
  /** Named in errors. */
  readonly file: string;
  readonly isClosed: () => boolean;
}

/** Repeats an attempt while the file is busy. */
export function createPatience({ clock, log, file, isClosed }: PatienceDeps): CallRunner {
  return async (method, attempt) => {
    const what = `${file}, ${method}`;
    const startedMs = clock.monotonicMs();
    for (let isFirst = true; ; isFirst = false) {
      if (isClosed()) throw new PortError('CLOSED', `${what}: expected an open store, found it closed`);
      try {
        return attempt();
      } catch (error) {
        const isOver = clock.monotonicMs() - startedMs >= BUSY_WAIT_MS_MAX;
        if (!isBusy(error) || isOver) throw portErrorOf(error, what);
        if (isFirst) log?.debug({ file, method }, 'the file is busy, trying again');
      }
      await clock.sleep(BUSY_RETRY_MS);
    }
  };
}

/** Runs calls one after the other, in the order in which they came. */
export function createTurns(run: CallRunner): CallRunner {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return async (method, work) => {
    if (waiting >= WRITES_WAITING_MAX) {
      throw new PortError('UNAVAILABLE', `${method}: ${waiting} writes wait for the disk; try again later`);
    }
    waiting += 1;
    const turn = last.then(() => run(method, work));
    const settled = () => void (waiting -= 1);
    last = turn.then(settled, settled);
    return turn;
  };
}
