/**
 * The shards of this process: begins with those that are newly its own, ends those that were taken away, and loads those
 * again that have failed. One shard's trouble never stops the others.
 */
import type { Clock, Log } from '@kairos/ports';
import { isPortError, LATE, orLate, OVER } from '@kairos/ports';
import type { Shard, ShardStatus } from './shard.js';
import { woken } from './woken.js';

/** How long a shard that has failed is left alone: twice as long each time, until it has run for a while. */
const RELOAD_MS_MIN = 250;
const RELOAD_MS_MAX = 30_000;
const RUN_WELL_MS = 60_000;
/** How long shards may take to end when all do: what has not ended by then is as a crash leaves it, which loses nothing. */
export const STOP_MS_MAX = 1_800;
/** Looks at who owns what, begun and ended after a failure, of which the last one counts. */
const FRESH_LOOKS = 2;

export interface FleetDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly createShard: (shard: number) => Shard;
  /** Whether a failure is one for people or a restart; the others are tried again. */
  readonly isFatal: (error: unknown) => boolean;
}

export interface Fleet {
  /** The shards that are this process's own as of a fresh look. */
  assign(shards: readonly number[]): void;
  status(): readonly ShardStatus[];
  /** Rejects when a shard has failed fatally. */
  readonly failed: Promise<never>;
  /** Ends all, in good order where that takes no longer than STOP_MS_MAX. */
  stop(): Promise<void>;
}

interface Keeper {
  readonly shard: Shard;
  /** Why it has ended, in words; null while it runs. */
  readonly failure: () => string | null;
  stop(): Promise<void>;
}

export function createFleet(deps: FleetDeps): Fleet {
  const keepers = new Map<number, Keeper>();
  /** Keepers that are ending: a shard that comes back waits for its own. */
  const ending = new Map<number, Promise<void>>();
  let looks = 0;
  let wakers: (() => void)[] = [];
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined); // It is for whoever runs the fleet, who may not look yet.

  const freshLook = async (signal: AbortSignal): Promise<void> => {
    const until = looks + FRESH_LOOKS;
    while (looks < until && !signal.aborted) await woken(signal, (wake) => wakers.push(wake));
  };

  const drop = (number: number): void => {
    const keeper = keepers.get(number);
    if (!keeper) return;
    keepers.delete(number);
    const end = keeper.stop().finally(() => ending.delete(number));
    ending.set(number, end);
  };

  return {
    failed,
    assign(shards) {
      looks += 1;
      for (const wake of wakers.splice(0)) wake();
      for (const number of keepers.keys()) if (!shards.includes(number)) drop(number);
      for (const number of shards) {
        if (!keepers.has(number) && !ending.has(number))
          keepers.set(number, keep(number, { ...deps, freshLook, fail }));
      }
    },
    status: () => [...keepers.values()].map(statusOf).sort((a, b) => a.shard - b.shard),
    async stop() {
      for (const number of [...keepers.keys()]) drop(number);
      for (const wake of wakers.splice(0)) wake();
      wakers = [];
      const ended = await orLate(deps.clock, STOP_MS_MAX, Promise.all(ending.values()));
      if (ended === LATE)
        deps.log.warn({ shards: [...ending.keys()] }, 'shards whose store is slow are left as they are');
    },
  };
}

function statusOf({ shard, failure }: Keeper): ShardStatus {
  const status = shard.status();
  const why = failure();
  return why === null ? status : { ...status, trouble: why, isHealthy: false };
}

interface KeeperDeps extends FleetDeps {
  /** Resolves when it is known anew who owns what, or the signal aborts. */
  readonly freshLook: (signal: AbortSignal) => Promise<void>;
  readonly fail: (error: unknown) => void;
}

/** Keeps one shard running until it is stopped. */
function keep(number: number, deps: KeeperDeps): Keeper {
  const { clock, log, isFatal, freshLook, fail } = deps;
  const shard = deps.createShard(number);
  const stopping = new AbortController();
  const { signal } = stopping;
  let failure: string | null = null;
  let reloadMs = RELOAD_MS_MIN;

  const runOnce = async (): Promise<unknown> => {
    try {
      await shard.run(signal);
      return null;
    } catch (error) {
      return error ?? new Error('a shard failed without a reason');
    }
  };

  /** FENCED is what happens when shards change hands; whatever else it is, people are told. */
  const tell = (error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    failure = isPortError(error, 'FENCED') ? 'another trader has taken over: looking again' : message;
    if (signal.aborted || isPortError(error, 'FENCED')) {
      log.info({ shard: number }, `shard ${number} is given up: ${message}`);
      return;
    }
    const fields = { shard: number, reloadMs, error: error instanceof Error ? error.stack : message };
    log.error(fields, `shard ${number} has failed and is loaded again: ${message}`);
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const began = clock.monotonicMs();
      const error = await runOnce();
      if (error === null) return;
      if (isFatal(error)) {
        fail(error);
        return;
      }
      if (clock.monotonicMs() - began >= RUN_WELL_MS) reloadMs = RELOAD_MS_MIN;
      tell(error);
      // Who has taken over is another's to say; what else went wrong has changed no owner, and the bus may be away too.
      const isTaken = isPortError(error, 'FENCED');
      await Promise.all([clock.sleep(reloadMs, signal), isTaken ? freshLook(signal) : null]);
      reloadMs = Math.min(reloadMs * 2, RELOAD_MS_MAX);
      if (!signal.aborted) failure = null;
    }
  };

  const running = run();
  return {
    shard,
    failure: () => failure,
    async stop() {
      stopping.abort(OVER);
      await running;
    },
  };
}
