/**
 * One look at the exchange: what is to be published now. Few symbols have their candles read at every look. Many have
 * the newest prices of all read in one request, and the candles of those whose candle has run out and of one more in
 * turn, whose volume and extremes are so corrected.
 */
import type { Clock } from '@kairos/ports';
import type { Instant, Interval, MarketCandle } from '@kairos/schema';
import { MINUTE_MS } from '@kairos/schema';
import type { CandleTrack } from './candle-track.js';
import type { ExchangeClient } from './client.js';
import { CANDLES_PER_REQUEST_MAX } from './client.js';
import { ExchangeFailure } from './failure.js';

/** Up to this many symbols have their candles read at every look. */
export const CANDLES_EACH_LOOK_MAX = 5;
/** How often the exchange's clock is compared with ours. */
const CLOCK_CHECK_MS = 10 * MINUTE_MS;

export interface Poller {
  /** Candles to publish, in order for each symbol. @throws ExchangeFailure; what was found before it stays to be found */
  look(): Promise<readonly MarketCandle[]>;
  /** How far the exchange's clock is ahead of ours. */
  offsetMs(): number;
}

export interface PollerOptions {
  readonly client: ExchangeClient;
  readonly interval: Interval;
  /** One per symbol. */
  readonly tracks: ReadonlyMap<string, CandleTrack>;
}

export function createPoller(clock: Clock, { client, interval, tracks }: PollerOptions): Poller {
  const symbols = [...tracks.keys()];
  let offsetMs = 0;
  let checkAtMs = -Infinity;
  let turn = 0;
  /** What the present look has read. */
  let rows = 0;
  const isPriced = client.hasLastPrices && symbols.length > CANDLES_EACH_LOOK_MAX;
  const now = (): Instant => Math.floor(clock.now() + offsetMs) as Instant;

  const checkClock = async () => {
    if (clock.monotonicMs() < checkAtMs) return;
    offsetMs = await client.clockOffsetMs();
    checkAtMs = clock.monotonicMs() + CLOCK_CHECK_MS;
  };

  const readCandles = async (symbol: string): Promise<MarketCandle[]> => {
    const track = tracks.get(symbol)!;
    // Asked before the request: a candle that closes while it is under way is not taken for closed.
    const asked = now();
    const range = { interval, since: track.since(asked), count: CANDLES_PER_REQUEST_MAX };
    const candles = await client.candles(symbol, range);
    rows += candles.length;
    return track.take(candles, asked);
  };

  const readPrices = async (): Promise<MarketCandle[]> => {
    if (!isPriced) return [];
    const asked = now();
    const prices = [...(await client.lastPrices(symbols))];
    rows += prices.length;
    return prices.flatMap(([symbol, price]) => tracks.get(symbol)?.price(price, asked) ?? []);
  };

  return {
    offsetMs: () => offsetMs,
    async look() {
      await checkClock();
      rows = 0;
      const found: MarketCandle[] = [];
      const due = symbols.filter((symbol) => !isPriced || tracks.get(symbol)!.isDue(now()));
      const inTurn = symbols[turn++ % symbols.length]!;
      for (const symbol of new Set([...due, inTurn])) found.push(...(await readCandles(symbol)));
      found.push(...(await readPrices()));
      if (rows === 0) throw new ExchangeFailure('TRANSIENT', 'sent neither candles nor prices', null);
      return found;
    },
  };
}
