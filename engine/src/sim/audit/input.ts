/** What the auditor is told: what went into a trader's core, and what came out of it. */
import type { Command, Instant, Instrument, MarketCandle, Signal, TradingEvent } from '@kairos/schema';

/** An input as a trader took it. */
export type HeardInput =
  | { readonly kind: 'price'; readonly candle: MarketCandle; readonly wall: Instant }
  | { readonly kind: 'signal'; readonly signal: Signal; readonly wall: Instant }
  | { readonly kind: 'command'; readonly command: Command; readonly isSigned: boolean; readonly wall: Instant }
  | { readonly kind: 'begin'; readonly at: Instant; readonly wall: Instant }
  | { readonly kind: 'ended'; readonly at: Instant; readonly wall: Instant }
  | { readonly kind: 'instruments'; readonly instruments: readonly Instrument[]; readonly wall: Instant }
  | { readonly kind: 'noPredictor'; readonly wall: Instant }
  /** Time to close what a panic wants closed. */
  | { readonly kind: 'closings'; readonly wall: Instant };

/** One step of a trader's core. */
export interface HeardStep {
  readonly input: HeardInput;
  readonly events: readonly TradingEvent[];
  /** Goes to the dead letter. */
  readonly isInvalid: boolean;
  /** The same input is taken again after a commit. */
  readonly isPartial: boolean;
}

/** The same id with another content is another signal. */
const contentOf = ({ action, symbol, price, confidence }: Signal): string =>
  [action, symbol, price, confidence].join(' ');

/** Tells an input that is taken again from every other. */
export function nameOfInput(input: HeardInput): string {
  switch (input.kind) {
    case 'price':
      return `price of ${input.candle.symbol} at ${input.candle.at}`;
    case 'signal':
      return `signal ${input.signal.id} ${contentOf(input.signal)}`;
    case 'command':
      return `command ${input.command.id} for ${input.command.accountId ?? 'all'} ${input.isSigned}`;
    default:
      return input.kind;
  }
}
