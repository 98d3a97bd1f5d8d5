/** What a replay and a simulator have in common: groups of closed candles in order of (close time, symbol). */
import type { Candle, Instant, Interval, MarketCandle } from '@kairos/schema';
import { addMs, INTERVAL_MS } from '@kairos/schema';

/** A candle's place in the order of a lock-step world. */
export interface Position {
  readonly closeTime: Instant;
  readonly symbol: string;
}

/** All candles that close at one time, in order of symbol; the last one says so. */
export interface CandleGroup {
  readonly closeTime: Instant;
  readonly candles: readonly MarketCandle[];
  /** Only trained on: published at once, whatever the speed. */
  readonly isTraining: boolean;
}

export interface LockStepSource {
  /** `replay` or `simulator`: the `source` of its candles. */
  readonly name: string;
  readonly interval: Interval;
  /**
   * Groups in growing time, in batches; those up to `after` may be left out. Ends when there are no more.
   * The next batch is asked for only when the one before has been published.
   */
  groups(after: Position | null): AsyncGenerator<readonly CandleGroup[]>;
  /** One line for people about what has been read so far. */
  detail(): string;
}

/** Order of symbols as the contract has it: by code units. */
export const compareSymbols = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const isAfter = (candle: Position, position: Position): boolean =>
  candle.closeTime > position.closeTime ||
  (candle.closeTime === position.closeTime && compareSymbols(candle.symbol, position.symbol) > 0);

/** Makes a group of closed candles of one open time, given in order of symbol. */
export function makeGroup(candles: readonly Candle[], source: string, isTraining: boolean): CandleGroup {
  const first = candles[0]!;
  const closeTime = addMs(first.time, INTERVAL_MS[first.interval]);
  const lastIndex = candles.length - 1;
  const marketCandle = (candle: Candle, index: number): MarketCandle => ({
    // Named one by one: spreading is several times slower, and every candle of a replay passes here.
    symbol: candle.symbol,
    interval: candle.interval,
    time: candle.time,
    open: candle.open,
    high: candle.high,
    low: candle.low,
    close: candle.close,
    volume: candle.volume,
    closed: true,
    at: closeTime,
    source,
    last: index === lastIndex,
  });
  return { closeTime, isTraining, candles: candles.map(marketCandle) };
}
