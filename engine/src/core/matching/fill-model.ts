/** How the venue takes orders. Paper, replay and backtest share it. */
import type { Instant, Rate } from '@kairos/schema';

/** An order as it leaves, before it is filled. */
export interface Order {
  readonly accountId: string;
  readonly symbol: string;
  readonly action: 'BUY' | 'SELL';
  /** 1 for the first, counting up when one was refused and is tried again. */
  readonly attempt: number;
  /** World time. */
  readonly at: Instant;
}

export interface FillModel {
  /**
   * Share of the newest candle's volume that an entry may take at the most: the rest of the order is cancelled. Null =
   * an order fills whole, whatever was traded; so it does while no candle is known. Exits always fill whole: a position
   * is closed whole or not at all.
   */
  readonly volumeShare: Rate | null;
  /** Why the venue refuses an order, in words; null = it takes it. */
  readonly refusalOf: (order: Order) => string | null;
}

/** The paper venue: takes every order, and fills it whole at once. */
export const PAPER_FILLS: FillModel = { volumeShare: null, refusalOf: () => null };
