/** How a world's feed, predictor, trader, bus and store are. */
import type { FeedKind, Instant } from '@kairos/schema';

export interface ComponentState {
  readonly name: string;
  readonly isHealthy: boolean;
  /** One line for people. */
  readonly detail: string;
  readonly latencyMs: number | null;
  readonly lag: number | null;
  /** Wall time. */
  readonly lastSeen: Instant | null;
}

export interface SystemState {
  readonly feed: FeedKind;
  readonly feedName: string;
  /** Candles per real candle time; null with an exchange or as fast as they are taken. */
  readonly feedSpeed: number | null;
  /** Wall time of the newest price. */
  readonly feedLastSeenAt: Instant | null;
  /** World time at which a replay ran out. */
  readonly feedEndedAt: Instant | null;
  readonly serverTime: Instant;
  readonly worldTime: Instant | null;
  readonly isHealthy: boolean;
  readonly components: readonly ComponentState[];
}
