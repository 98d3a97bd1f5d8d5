/** Live prices: polls an exchange about once a second, and goes on by itself after whatever outage. */
import { isPortError, partitionOf } from '@kairos/ports';
import type { Config, Instant, Interval, MarketCandle, World } from '@kairos/schema';
import { encodeMarketData, INTERVAL_MS, SECOND_MS, TOPICS, writeInstruments } from '@kairos/schema';
import { createBackoff } from '../backoff.js';
import { readBackwards } from '../tail.js';
import type { FeedDeps, FeedStatus, FeedWork } from '../work.js';
import type { CandleTrack } from './candle-track.js';
import { createCandleTrack } from './candle-track.js';
import type { ExchangeClient } from './client.js';
import { createExchangeClient } from './client.js';
import { ExchangeFailure } from './failure.js';
import type { Poller } from './poller.js';
import { createPoller } from './poller.js';

/** From one look to the next. */
export const POLL_MS = SECOND_MS;
/** Records of a partition that are searched for the last closed candle: what is older is too old to publish anyway. */
const TAIL_RECORDS_MAX = 5_000;
/** A difference of clocks that is warned about. */
const CLOCK_OFFSET_MS_MAX = SECOND_MS;

export interface ExchangeFeedOptions {
  /** A ccxt exchange id. */
  readonly exchange: string;
  readonly config: Pick<Config, 'SYMBOLS' | 'INTERVAL' | 'FEED_URL' | 'MAX_SIGNAL_AGE_SECONDS'>;
  readonly world: World;
}

export function createExchangeFeed(deps: FeedDeps, options: ExchangeFeedOptions): FeedWork {
  const { clock, log } = deps;
  const { exchange, config } = options;
  const backoff = createBackoff(deps.random);
  const status = { healthy: false, detail: `asks ${exchange} for the first time`, worldTime: null as Instant | null };
  let client: ExchangeClient | null = null;
  let live: Live | null = null;

  /** One round: sets up what is missing, looks, publishes. */
  const round = async (at: ExchangeClient): Promise<void> => {
    live ??= await begin(deps, options, at);
    const found = await live.poller.look();
    await publish(deps, live, found);
    const newest = found.reduce<number | null>((last, { at }) => Math.max(last ?? at, at), status.worldTime);
    status.worldTime = newest as Instant | null;
    backoff.reset();
    if (!status.healthy) log.info({ exchange }, `${exchange} answers: prices are live`);
    status.healthy = true;
    status.detail = `live prices of ${config.SYMBOLS.length} symbols from ${exchange}, ${config.INTERVAL} candles`;
  };

  /** Until the next round may begin. */
  const fail = (error: unknown): number => {
    const waitMs = backoff.next();
    const until = error instanceof ExchangeFailure ? error.until : null;
    const detail = `${exchange} ${error instanceof ExchangeFailure ? error.kind : ''}: ${textOf(error)}`;
    if (detail !== status.detail) log.warn({ exchange }, detail);
    status.healthy = false;
    status.detail = detail;
    return until === null ? waitMs : Math.max(waitMs, until - clock.now());
  };

  return {
    name: exchange,
    speed: 1,
    async prepare() {
      client = await createExchangeClient(clock, { exchange, url: config.FEED_URL });
    },
    async run(signal) {
      while (client && !signal.aborted) {
        const startedMs = clock.monotonicMs();
        let waitMs: number;
        try {
          await unlessAborted(round(client), signal);
          waitMs = Math.max(0, POLL_MS - (clock.monotonicMs() - startedMs));
        } catch (error) {
          if (!canPass(error)) throw error;
          waitMs = fail(error);
        }
        await clock.sleep(waitMs, signal);
      }
    },
    status: (): FeedStatus => ({ ...status, endedAt: null }),
  };
}

/** A failure that ends by itself. A symbol that the exchange does not trade does not. */
const canPass = (error: unknown): boolean =>
  error instanceof ExchangeFailure || (isPortError(error) && error.isRetriable);

interface Live {
  readonly poller: Poller;
  readonly tracks: ReadonlyMap<string, CandleTrack>;
}

/** Asks what the symbols are, and where the bus stands. */
async function begin(deps: FeedDeps, options: ExchangeFeedOptions, client: ExchangeClient): Promise<Live> {
  const { store, clock, log } = deps;
  const { exchange, config, world } = options;
  const interval = config.INTERVAL;
  const instruments = await client.instruments(config.SYMBOLS);
  await writeInstruments(store.app.facts, world, instruments);
  const tracks = new Map<string, CandleTrack>();
  for (const symbol of config.SYMBOLS) {
    const lastClosed = await findLastClosed(deps, { symbol, exchange, interval });
    const ageMsMax = config.MAX_SIGNAL_AGE_SECONDS * SECOND_MS;
    tracks.set(symbol, createCandleTrack({ lengthMs: INTERVAL_MS[interval], source: exchange, ageMsMax, lastClosed }));
  }
  const poller = createPoller(clock, { client, interval, tracks });
  const offsetMs = await client.clockOffsetMs();
  if (Math.abs(offsetMs) > CLOCK_OFFSET_MS_MAX) {
    log.warn({ offsetMs }, `this machine's clock differs from that of ${exchange} by ${offsetMs} ms: set it right`);
  }
  return { poller, tracks };
}

/** Open time of the newest closed candle of a symbol that this feed has put on the bus. @throws PortError */
async function findLastClosed(
  { bus }: FeedDeps,
  wanted: { readonly symbol: string; readonly exchange: string; readonly interval: Interval },
): Promise<Instant | null> {
  const partition = partitionOf(wanted.symbol, bus.partitionsOf(TOPICS.marketData));
  let found: Instant | null = null;
  await readBackwards(bus, { partition, recordsMax: TAIL_RECORDS_MAX }, (message) => {
    if (message.kind !== 'candle') return true;
    const { symbol, source, interval, closed, time } = message.candle;
    const isWanted = symbol === wanted.symbol && source === wanted.exchange && interval === wanted.interval && closed;
    if (isWanted) found = time;
    return !isWanted;
  });
  return found;
}

async function publish({ bus, log }: FeedDeps, { tracks }: Live, candles: readonly MarketCandle[]): Promise<void> {
  if (candles.length === 0) return;
  await bus.publish(
    TOPICS.marketData,
    candles.map((candle) => ({ key: candle.symbol, value: encodeMarketData({ kind: 'candle', candle }) })),
  );
  for (const candle of candles.filter(({ closed }) => closed)) {
    const missed = tracks.get(candle.symbol)?.published(candle) ?? 0;
    if (missed > 0) {
      const { symbol } = candle;
      log.warn({ symbol, missed }, `${symbol}: ${missed} candles were missed and are too old to publish`);
    }
  }
}

/** Gives up waiting when the signal aborts: a request under way may last longer than a stop. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let leave = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    leave = resolve;
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
