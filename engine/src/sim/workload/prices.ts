/** Prices and predictions: by arrival with an exchange, minute by minute in lock-step. */
import type { Instant } from '@kairos/schema';
import { LOCK_STEP_PARTITION, MINUTE_MS, parsePrice, PREDICTOR_SOURCE, TOPICS } from '@kairos/schema';
import type { Draw } from '../draw.js';
import type { Market } from './market.js';
import type { Publisher } from './publisher.js';

export interface PricesDeps {
  readonly draw: Draw;
  readonly market: Market;
  readonly publisher: Publisher;
  readonly now: () => Instant;
}

export interface PriceFeed {
  /** The next prices. */
  prices(): Promise<void>;
  /** Some of the predictor's signals that are due. */
  predictions(): Promise<void>;
  /** All that are due. */
  flush(): Promise<void>;
  /** World time as far as it has been published; null with an exchange. */
  worldTime(): Instant | null;
  /** The next minutes are this much later. */
  leap(ms: number): void;
}

interface CandleDraft {
  readonly symbol: string;
  readonly time: number;
  readonly at: number;
  readonly closed: boolean;
  readonly isLast?: boolean;
  readonly partition?: number;
}

async function publishCandle({ market, publisher }: PricesDeps, draft: CandleDraft): Promise<void> {
  const { symbol, time, at, closed, isLast, partition } = draft;
  const close = market.move(symbol);
  const value = {
    v: 1,
    symbol,
    interval: '1m',
    time,
    open: close,
    high: close,
    low: close,
    close,
    volume: '3',
    closed,
    at,
  };
  await publisher.publish({
    topic: TOPICS.marketData,
    key: symbol,
    value: isLast ? { ...value, last: true } : value,
    partition,
    meaning: { kind: 'price', id: `${symbol}@${at}=${parsePrice(close)}` },
  });
}

/** With an exchange: a few candles in progress or closed, now and then one that comes late. */
export function createExchangeFeed(deps: PricesDeps, symbols: readonly string[]): PriceFeed {
  const { draw, now } = deps;
  return {
    async prices() {
      for (let n = draw.int(1, 3); n > 0; n--) {
        const at = now() - (draw.chance(0.1) ? draw.int(1, 60_000) : draw.int(0, 300));
        const time = Math.floor(at / MINUTE_MS) * MINUTE_MS;
        await publishCandle(deps, { symbol: draw.pick(symbols), time, at, closed: draw.chance(0.3) });
      }
    },
    predictions: () => Promise.resolve(),
    flush: () => Promise.resolve(),
    worldTime: () => null,
    leap: () => undefined,
  };
}

/** In lock-step: a minute of every symbol at a time; the predictor may lag behind, or be absent. */
export function createLockStepFeed(
  deps: PricesDeps,
  { symbols, start, hasPredictor }: { symbols: readonly string[]; start: Instant; hasPredictor: boolean },
): PriceFeed {
  const { draw, market, publisher } = deps;
  const sorted = [...symbols].sort();
  const due: { readonly symbol: string; readonly time: number }[] = [];
  let openAt: number = start;
  let worldTime: Instant | null = null;

  const predict = async ({ symbol, time }: { symbol: string; time: number }): Promise<void> => {
    const id = `${PREDICTOR_SOURCE}:${symbol}:${time}`;
    const action = draw.pick(['BUY', 'SELL', 'HOLD']);
    const confidence = draw.pick([0, 0.6, 0.8, 0.95]);
    const value = { v: 1, id, symbol, action, confidence, price: market.price(symbol), time, source: PREDICTOR_SOURCE };
    const meaning = { kind: 'signal' as const, id, isPredictors: true, price: parsePrice(market.price(symbol)) };
    await publisher.publish({ topic: TOPICS.signals, key: symbol, value, partition: LOCK_STEP_PARTITION, meaning });
  };

  return {
    async prices() {
      const at = openAt + MINUTE_MS;
      for (const [i, symbol] of sorted.entries()) {
        const isLast = i === sorted.length - 1;
        await publishCandle(deps, { symbol, time: openAt, at, closed: true, isLast, partition: LOCK_STEP_PARTITION });
        if (hasPredictor) due.push({ symbol, time: at });
      }
      openAt = at;
      worldTime = at as Instant;
    },
    async predictions() {
      for (const signal of due.splice(0, draw.int(1, 4))) await predict(signal);
    },
    async flush() {
      for (const signal of due.splice(0)) await predict(signal);
    },
    worldTime: () => worldTime,
    leap(ms) {
      openAt += Math.floor(ms / MINUTE_MS) * MINUTE_MS;
    },
  };
}
