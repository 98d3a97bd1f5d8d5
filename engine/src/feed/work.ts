/** What each kind of feed is to the service around it. */
import type { Bus, Clock, Log, Store } from '@kairos/ports';
import type { Instant } from '@kairos/schema';

export interface FeedDeps {
  readonly bus: Bus;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 to below 1: spreads waiting times, and makes the simulator's seed where none is given. */
  readonly random: () => number;
}

export interface FeedStatus {
  readonly healthy: boolean;
  /** One line for people: what it is doing, or what is wrong and what to do. */
  readonly detail: string;
  /** `at` of the newest price on the bus; null before the first. */
  readonly worldTime: Instant | null;
  /** World time at which a replay has run out. */
  readonly endedAt: Instant | null;
}

export interface FeedWork {
  /** `binance`, a file's name, `simulator`. */
  readonly name: string;
  /** Candles per real candle time; null = as fast as they are taken. */
  readonly speed: number | null;
  /** Looks over what it is given, and writes down what others must know. @throws what makes the feed impossible */
  prepare(): Promise<void>;
  /** Publishes until the signal aborts. Rejects when it cannot go on. */
  run(signal: AbortSignal): Promise<void>;
  status(): FeedStatus;
}
