/** The newest price of one symbol, as it is told. */
import type { Instant, Price } from '@kairos/schema';

export interface PriceState {
  readonly symbol: string;
  readonly price: Price;
  /** When it was true, in world time. */
  readonly at: Instant;
  /** Wall time. */
  readonly receivedAt: Instant;
}
