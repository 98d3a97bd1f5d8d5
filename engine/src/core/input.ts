/** What the core is fed, one at a time, in the order that the shell has settled. */
import type { Command, Instant, Instrument, MarketCandle, Signal } from '@kairos/schema';

/** The wall clock when the input was taken. With an exchange it is also the world's now. */
interface Taken {
  readonly wall: Instant;
}

export type Input =
  | (Taken & { readonly kind: 'price'; readonly candle: MarketCandle })
  | (Taken & { readonly kind: 'signal'; readonly signal: Signal })
  /** `isSigned`: carries a signature that is right. */
  | (Taken & { readonly kind: 'command'; readonly command: Command; readonly isSigned: boolean })
  /** Closings are due (`Engine.closingsDueAt`), and everything before has been committed. */
  | (Taken & { readonly kind: 'closings' })
  /** The files of a replay have ended. */
  | (Taken & { readonly kind: 'ended'; readonly at: Instant })
  /** A replay's world begins at the open time of its earliest candle. */
  | (Taken & { readonly kind: 'begin'; readonly at: Instant })
  /** Lock-step: the one wait for the predictor's first signal is over. */
  | (Taken & { readonly kind: 'noPredictor' })
  | (Taken & { readonly kind: 'instruments'; readonly instruments: readonly Instrument[] });

export type InputOf<K extends Input['kind']> = Extract<Input, { kind: K }>;
