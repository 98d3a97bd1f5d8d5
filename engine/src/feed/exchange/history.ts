/** Closed candles of the past, for the predictor to train on: it fetches them itself, they are never published. */
import type { Clock, Log } from '@kairos/ports';
import type { Candle, Config, Instant, Interval } from '@kairos/schema';
import { addMs, INTERVAL_MS } from '@kairos/schema';
import { createBackoff } from '../backoff.js';
import type { ExchangeClient } from './client.js';
import { CANDLES_PER_REQUEST_MAX, createExchangeClient } from './client.js';
import { ExchangeFailure } from './failure.js';

/** Closed candles per symbol that are fetched. */
export const HISTORY_CANDLES = 1_000;
/** Tries of one request before the history is given up. */
export const HISTORY_TRIES_MAX = 8;

export interface HistoryDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** Closed candles of a symbol up to now, oldest first. */
export type FetchHistory = (symbol: string) => Promise<readonly Candle[]>;

/**
 * The history of an exchange; null in REPLAY and SIMULATOR worlds, whose history comes over the bus.
 * The function rejects with ExchangeFailure when the exchange does not answer after several tries.
 */
export function createHistory(
  deps: HistoryDeps,
  config: Pick<Config, 'FEED' | 'FEED_URL' | 'INTERVAL'>,
): FetchHistory | null {
  const { FEED: feed, FEED_URL: url, INTERVAL: interval } = config;
  if (feed.kind !== 'exchange') return null;
  let client: Promise<ExchangeClient> | null = null;
  return async (symbol) => {
    client ??= createExchangeClient(deps.clock, { exchange: feed.exchange, url });
    return fetchHistory(await client, deps, { symbol, interval, count: HISTORY_CANDLES });
  };
}

export interface HistoryRange {
  readonly symbol: string;
  readonly interval: Interval;
  /** Closed candles wanted, up to now. */
  readonly count: number;
}

/** The last `count` closed candles, fewer where the exchange has none; page by page. @throws ExchangeFailure */
export async function fetchHistory(
  client: ExchangeClient,
  deps: HistoryDeps,
  range: HistoryRange,
): Promise<readonly Candle[]> {
  const { symbol, interval, count } = range;
  const lengthMs = INTERVAL_MS[interval];
  const offsetMs = await withTries(deps, () => client.clockOffsetMs());
  const now = deps.clock.now() + offsetMs;
  const end = (now - (now % lengthMs)) as Instant;
  const candles: Candle[] = [];
  for (let since = addMs(end, -count * lengthMs); since < end;) {
    const left = (end - since) / lengthMs;
    const from = since;
    const page = await withTries(deps, () => client.candles(symbol, { interval, since: from, count: left }));
    candles.push(...page.filter(({ time }) => time < end).map((candle) => ({ ...candle, closed: true })));
    const newest = page.at(-1)?.time;
    // A page without candles is a hole as long as itself.
    since = addMs(newest ?? addMs(since, (CANDLES_PER_REQUEST_MAX - 1) * lengthMs), lengthMs);
  }
  return candles;
}

async function withTries<T>({ clock, log, random }: HistoryDeps, call: () => Promise<T>): Promise<T> {
  const backoff = createBackoff(random);
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      const isFinal = !(error instanceof ExchangeFailure) || error.kind === 'REFUSED' || tries >= HISTORY_TRIES_MAX;
      if (isFinal) throw error;
      log.warn({ kind: error.kind, tries }, `history: ${error.message}; tries again`);
      await clock.sleep(error.until === null ? backoff.next() : Math.max(0, error.until - clock.now()));
    }
  }
}
