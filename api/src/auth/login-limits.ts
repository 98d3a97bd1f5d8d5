/**
 * How often a password may be guessed: at most 10 failures in 15 minutes per name, at most 50 per address. Counters are
 * kept in the store, so a restart forgets nothing.
 *
 * Strangers cannot lock an owner out: failures from an address where the name has logged in within 30 days count in a
 * bucket of that address's own, and what others fail to guess from there (behind one proxy, on one machine) does not
 * count against it. Names are counted whether they exist or not, so the limit tells nothing. Guesses for one
 * name are tried one after the other; guesses from one address that are still being tried count as failed.
 */
import type { AppStore, Clock } from '@kairos/ports';
import { TooManyRequestsError } from '../graphql/errors.js';
import { sha256 } from './names.js';

export const FAILURES_PER_NAME_MAX = 10;
export const FAILURES_PER_ADDRESS_MAX = 50;
export const FAILURE_WINDOW_MS = 15 * 60_000;
/** An address counts as known to a name for this long after a login. */
export const KNOWN_ADDRESS_MS = 30 * 86_400_000;
/** Guesses for one name that may wait for each other. */
export const GUESSES_WAITING_MAX = 64;

export interface LoginLimits {
  /**
   * Runs a guess that answers whether the password was right, and counts it.
   * @throws TooManyRequestsError without running it
   */
  guess<T>(who: { readonly name: string; readonly address: string }, run: () => Promise<T | null>): Promise<T | null>;
}

export function createLoginLimits(deps: {
  readonly counters: AppStore['counters'];
  readonly clock: Clock;
}): LoginLimits {
  const { counters, clock } = deps;
  const turns = createTurns();
  const trying = new Map<string, number>();

  const refuseAbove = async (key: string, max: number, underWay: number) => {
    const found = await counters.read(key, clock.now());
    const count = found?.count ?? 0;
    if (count >= max) throw new TooManyRequestsError(((found?.endsAt ?? 0) - clock.now()) / 1000);
    if (count + underWay >= max) throw new TooManyRequestsError(1);
  };

  const guessInTurn = async <T>(key: string, address: string, run: () => Promise<T | null>): Promise<T | null> => {
    const knownKey = `login:known:${key}:${address}`;
    const isKnown = (await counters.read(knownKey, clock.now())) !== null;
    const nameKey = isKnown ? `login:name:${key}:${address}` : `login:name:${key}`;
    const addressKey = `login:address:${address}`;
    await refuseAbove(nameKey, FAILURES_PER_NAME_MAX, 0);
    const underWay = trying.get(addressKey) ?? 0;
    trying.set(addressKey, underWay + 1);
    try {
      if (!isKnown) await refuseAbove(addressKey, FAILURES_PER_ADDRESS_MAX, underWay);
      const result = await run();
      if (result === null) {
        await counters.increment(nameKey, FAILURE_WINDOW_MS, clock.now());
        await counters.increment(addressKey, FAILURE_WINDOW_MS, clock.now());
      } else {
        await counters.clear(nameKey);
        await counters.increment(knownKey, KNOWN_ADDRESS_MS, clock.now());
      }
      return result;
    } finally {
      const left = (trying.get(addressKey) ?? 1) - 1;
      if (left > 0) trying.set(addressKey, left);
      else trying.delete(addressKey);
    }
  };

  return {
    guess: ({ name, address }, run) => {
      const key = sha256(name).slice(0, 32);
      return turns.take(key, () => guessInTurn(key, address, run));
    },
  };
}

/** Runs what belongs to one key one after the other. */
function createTurns() {
  const last = new Map<string, { tail: Promise<unknown>; waiting: number }>();
  return {
    async take<T>(key: string, run: () => Promise<T>): Promise<T> {
      const line = last.get(key) ?? { tail: Promise.resolve(), waiting: 0 };
      if (line.waiting >= GUESSES_WAITING_MAX) throw new TooManyRequestsError(1);
      last.set(key, line);
      line.waiting++;
      const turn = line.tail.then(run, run);
      line.tail = turn;
      try {
        return await turn;
      } finally {
        line.waiting--;
        if (line.waiting === 0) last.delete(key);
      }
    },
  };
}
