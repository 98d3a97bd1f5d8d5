/**
 * Publishes a lock-step source: in order of (close time, symbol), at its speed, never too far ahead of the trader.
 *
 * Whatever fails, it goes on as after a start: from the last candle on the bus, so none is repeated or skipped.
 */
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
import type { Outlet } from './outlet.js';
import { createOutlet } from './outlet.js';
import { createPacer } from './pacer.js';
import { createProgressWatch } from './progress.js';
import type { Resumption } from './resume.js';
import { findResumption } from './resume.js';
import type { CandleGroup, LockStepSource, Position } from './source.js';
import { isAfter } from './source.js';
import { createWindow } from './window.js';

export interface PublisherOptions {
  readonly source: LockStepSource;
  readonly symbols: number;
  /** Candles per real candle time; Infinity = as fast as they are taken. */
  readonly speed: number;
  /** Part of the first group after the training that is due at once, 0 to 1. */
  readonly initialCredit: number;
}

export interface Publisher {
  /** Publishes; says the end where there is one, and stays until the signal aborts. @throws PortError that cannot pass */
  run(signal: AbortSignal): Promise<void>;
  status(): FeedStatus;
}

export function createPublisher(deps: FeedDeps, options: PublisherOptions): Publisher {
  const { log, clock } = deps;
  const { source } = options;
  const backoff = createBackoff(deps.random);
  const state = { doing: 'starting', failure: '', worldTime: null as Instant | null, endedAt: null as Instant | null };

  const published = (last: CandleGroup): void => {
    backoff.reset();
    state.failure = '';
    state.worldTime = last.closeTime;
    state.doing = last.isTraining ? 'publishing the training candles' : 'publishing';
  };
  const waiting = (why: string): void => {
    state.doing = why;
  };

  const startAgain = async (signal: AbortSignal): Promise<void> => {
    const progress = createProgressWatch(deps);
    const committed = await progress.read();
    const found = await findResumption(deps.bus, { source: source.name, symbols: options.symbols, committed });
    state.worldTime = found.position?.closeTime ?? null;
    if (found.position) log.info(found.position, `goes on after ${positionText(found.position)}`);
    const { window, pacer } = limitsOf(deps, options, found);
    const outlet = createOutlet(deps, { window, pacer, progress, published, waiting });
    if (found.endedAt === null) await publishAll(source, { outlet, after: found.position, signal });
    if (signal.aborted) return;
    state.endedAt = found.endedAt ?? (await sayEnd(deps, state.worldTime));
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

/** What holds the feed back: its speed, and the trader, who may not have taken what a former process published. */
function limitsOf({ clock }: FeedDeps, { source, speed, initialCredit }: PublisherOptions, found: Resumption) {
  const window = createWindow(FEED_AHEAD_CANDLES_MAX);
  found.uncommitted.forEach(window.add);
  const stepMs = speed === Infinity ? 0 : INTERVAL_MS[source.interval] / speed;
  return { window, pacer: createPacer(clock, { stepMs, initial: initialCredit }) };
}

interface Run {
  readonly outlet: Outlet;
  readonly after: Position | null;
  readonly signal: AbortSignal;
}

/** Puts out everything after a position, to the end of the source or until the signal aborts. */
async function publishAll(source: LockStepSource, { outlet, after, signal }: Run): Promise<void> {
  for await (const batch of source.groups(after)) {
    const fresh = after ? batch.flatMap((group) => groupAfter(group, after)) : batch;
    await outlet.put(fresh, signal);
    if (signal.aborted) return;
  }
}

/** What of a group comes after a position: all, the rest of it, or nothing. */
function groupAfter(group: CandleGroup, position: Position): CandleGroup[] {
  const { closeTime } = group;
  if (closeTime > position.closeTime) return [group];
  const candles = group.candles.filter(({ symbol }) => isAfter({ closeTime, symbol }, position));
  return candles.length === 0 ? [] : [{ ...group, candles }];
}

/** Says that no more prices will come. Gives the world time of the end. */
async function sayEnd({ bus, clock, log }: FeedDeps, worldTime: Instant | null): Promise<Instant> {
  const at = worldTime ?? clock.now();
  const value = encodeMarketData({ kind: 'ended', at });
  await bus.publish(TOPICS.marketData, [{ key: null, value, partition: LOCK_STEP_PARTITION }]);
  log.info({ at }, `the files have ended at ${formatInstant(at)}: no more prices will come in this world`);
  return at;
}

const positionText = ({ symbol, closeTime }: Position): string => `${symbol} of ${formatInstant(closeTime)}`;

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
