/**
 * Publishes a lock-step source: in order of (close time, symbol), at its speed, never too far ahead of the trader.
 *
 * Whatever fails, it goes on as after a start: from the last candle on the bus, so none is repeated or skipped.
 */
import type { OutgoingRecord } from '@kairos/ports';
import { isPortError } from '@kairos/ports';
import type { Instant } from '@kairos/schema';
import {
  encodeMarketData,
  FEED_AHEAD_CANDLES_MAX,
  formatInstant,
  INTERVAL_MS,
  LOCK_STEP_PARTITION,
  TOPICS,
} from '@kairos/schema';
import { createBackoff } from '../backoff.js';
import type { FeedDeps, FeedStatus } from '../work.js';
import type { Pacer } from './pacer.js';
import { createPacer } from './pacer.js';
import { createProgressWatch } from './progress.js';
import type { Resumption } from './resume.js';
import { findResumption } from './resume.js';
import type { CandleGroup, LockStepSource } from './source.js';
import { isAfter } from './source.js';
import type { Window } from './window.js';
import { createWindow } from './window.js';

/** Candles of one call to the bus, save that a group is never split. */
const PUBLISH_CANDLES_MAX = 2_000;

export interface PublisherOptions {
  readonly source: LockStepSource;
  readonly symbols: number;
  /** Candles per real candle time; Infinity = as fast as they are taken. */
  readonly speed: number;
  /** Part of the first group after the training that is due at once, 0 to 1. */
  readonly initialCredit: number;
}

export interface Publisher {
  run(signal: AbortSignal): Promise<void>;
  status(): FeedStatus;
}

export function createPublisher(deps: FeedDeps, options: PublisherOptions): Publisher {
  const { bus, clock, log } = deps;
  const { source, speed } = options;
  const backoff = createBackoff(deps.random);
  const progress = createProgressWatch(deps);
  const state = { doing: 'starting', failure: '', worldTime: null as Instant | null, endedAt: null as Instant | null };

  const startAgain = async (signal: AbortSignal): Promise<void> => {
    const committed = await progress.read();
    const found = await findResumption(bus, { source: source.name, symbols: options.symbols, committed });
    state.worldTime = found.position?.closeTime ?? null;
    if (found.position) {
      log.info(
        { ...found.position },
        `goes on after ${found.position.symbol} of ${formatInstant(found.position.closeTime)}`,
      );
    }
    if (found.endedAt === null) return publishAll(found, signal);
    state.failure = '';
    state.endedAt = found.endedAt;
  };

  const publishAll = async (found: Resumption, signal: AbortSignal): Promise<void> => {
    const window = createWindow(FEED_AHEAD_CANDLES_MAX);
    found.uncommitted.forEach(window.add);
    const stepMs = speed === Infinity ? 0 : INTERVAL_MS[source.interval] / speed;
    const pacer = createPacer(clock, { stepMs, initial: options.initialCredit });
    for await (const batch of source.groups(found.position)) {
      const { position } = found;
      const fresh = position ? batch.flatMap((group) => groupAfter(group, position)) : batch;
      await publishBatch(fresh, { window, pacer, signal });
      if (signal.aborted) return;
    }
    const at = state.worldTime ?? clock.now();
    await publish([{ key: null, value: encodeMarketData({ kind: 'ended', at }), partition: LOCK_STEP_PARTITION }]);
    state.endedAt = at;
    log.info({ at }, `the files have ended at ${formatInstant(at)}: no more prices will come in this world`);
  };

  interface Limits {
    readonly window: Window;
    readonly pacer: Pacer;
    readonly signal: AbortSignal;
  }

  const publishBatch = async (groups: readonly CandleGroup[], limits: Limits): Promise<void> => {
    let next = 0;
    while (next < groups.length && !limits.signal.aborted) {
      const count = takeAllowed(groups, next, limits);
      if (count === 0) {
        await waitTurn(groups[next]!, limits);
        continue;
      }
      const taken = groups.slice(next, next + count);
      await publish(taken.flatMap((group) => group.candles.map(toRecord)));
      next += count;
      state.worldTime = taken.at(-1)!.closeTime;
      state.doing = taken.at(-1)!.isTraining ? 'publishing the training candles' : 'publishing';
    }
  };

  const waitTurn = async (group: CandleGroup, { window, pacer, signal }: Limits): Promise<void> => {
    if (window.hasRoom(group)) return clock.sleep(pacer.waitMs(), signal);
    const committed = await progress.newest();
    if (committed !== null) window.settle(committed);
    if (window.hasRoom(group)) return;
    state.doing = `waiting for the trader, who is ${window.ahead()} candles behind`;
    await progress.pause(signal);
  };

  const publish = async (records: readonly OutgoingRecord[]): Promise<void> => {
    await bus.publish(TOPICS.marketData, records);
    backoff.reset();
    state.failure = '';
  };

  return {
    async run(signal) {
      while (!signal.aborted && state.endedAt === null) {
        try {
          await startAgain(signal);
        } catch (error) {
          if (!isPortError(error) || !error.isRetriable) throw error;
          state.failure = `${error.message}; tries again`;
          log.warn({ code: error.code }, state.failure);
          await clock.sleep(backoff.next(), signal);
        }
      }
      await aborted(signal);
    },
    status() {
      const doing = state.endedAt === null ? state.doing : `has ended at ${formatInstant(state.endedAt)}`;
      const detail = state.failure === '' ? `${doing}; ${source.detail()}` : state.failure;
      return { healthy: state.failure === '', detail, worldTime: state.worldTime, endedAt: state.endedAt };
    },
  };
}

/** How many groups from `next` on may be published now; each is counted as published. */
function takeAllowed(
  groups: readonly CandleGroup[],
  next: number,
  { window, pacer }: { readonly window: Window; readonly pacer: Pacer },
): number {
  let count = 0;
  let candles = 0;
  for (let due = pacer.due(); next + count < groups.length && candles < PUBLISH_CANDLES_MAX; count++) {
    const group = groups[next + count]!;
    if (!window.hasRoom(group) || (!group.isTraining && due < 1)) break;
    for (const { symbol } of group.candles) window.add({ closeTime: group.closeTime, symbol });
    candles += group.candles.length;
    if (group.isTraining) continue;
    due--;
    pacer.spend();
  }
  return count;
}

/** What of a group comes after a position: all, the rest of it, or nothing. */
function groupAfter(group: CandleGroup, position: NonNullable<Resumption['position']>): CandleGroup[] {
  const { closeTime } = group;
  if (closeTime > position.closeTime) return [group];
  const candles = group.candles.filter(({ symbol }) => isAfter({ closeTime, symbol }, position));
  return candles.length === 0 ? [] : [{ ...group, candles }];
}

const toRecord = (candle: CandleGroup['candles'][number]): OutgoingRecord => ({
  key: candle.symbol,
  value: encodeMarketData({ kind: 'candle', candle }),
  partition: LOCK_STEP_PARTITION,
});

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
