/**
 * One look at the exchange: what is to be published now. A look costs few requests however many symbols there are: the
 * newest prices of all in one, the candles of those whose candle has run out, and of one more in turn, whose volume
 * and extremes are so corrected.
 */
import type { Clock } from '@kairos/ports';
import type { Instant, Interval, MarketCandle } from '@kairos/schema';
import { addMs, MINUTE_MS } from '@kairos/schema';
import type { CandleTrack } from './candle-track.js';
import type { ExchangeClient } from './client.js';
import { CANDLES_PER_REQUEST_MAX } from './client.js';

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
  const now = (): Instant => addMs(clock.now(), Math.round(offsetMs));

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
    return track.take(await client.candles(symbol, range), asked);
  };

  return {
    offsetMs: () => offsetMs,
    async look() {
      await checkClock();
      const found: MarketCandle[] = [];
      const due = symbols.filter((symbol) => !client.hasLastPrices || tracks.get(symbol)!.isDue(now()));
      const inTurn = symbols[turn++ % symbols.length]!;
      for (const symbol of new Set([...due, inTurn])) found.push(...(await readCandles(symbol)));
      if (!client.hasLastPrices) return found;
      const asked = now();
      for (const [symbol, price] of await client.lastPrices(symbols)) {
        const candle = tracks.get(symbol)?.price(price, asked);
        if (candle) found.push(candle);
      }
      return found;
    },
  };
}
