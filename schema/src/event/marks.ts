/** What a journal entry says beside its events: figures that no event carries, and what is known of the world. */
import type { ExitReason } from '../trading/trade.js';
import type { Money, Price } from '../value/decimal.js';
import type { Instant } from '../value/instant.js';

/** What the core knows of an account beside its events. */
export interface AccountMark {
  readonly accountId: string;
  /** 00:00 UTC of the world's current day, and the account's equity then. */
  readonly dayStart: Instant;
  readonly dayOpeningEquity: Money;
  /** Σ pnl of trades closed since then. */
  readonly dayRealizedPnl: Money;
  readonly peakEquity: Money;
  /** Largest fall of equity below its peak so far, in money. */
  readonly maxDrawdown: Money;
  /** Largest of all falls as a percentage (0..100) of the peak that it fell from: not always the largest in money. */
  readonly maxDrawdownPercent: number;
  /** Wall time of issue of the commands that opened, last resumed and last stopped it: older ones undo nothing of that. */
  readonly openedByCommandAt: Instant;
  readonly resumedByCommandAt: Instant | null;
  readonly stoppedByCommandAt: Instant | null;
  /** Highest price since entry, per open trade's id. */
  readonly peakPrices: Readonly<Record<string, Price>>;
  /** World time of the last losing exit per symbol, while a cooldown may ask for it. */
  readonly lastLossAt: Readonly<Record<string, Instant>>;
  /** Ids of the STOP_BOTs that wait for the account to be flat, oldest first. */
  readonly stopCommands: readonly string[];
  /** Orders that close a position and have been refused so far, oldest first. */
  readonly closings: readonly Closing[];
}

/** An order that closes a position, and how often it has been tried. */
export interface Closing {
  readonly tradeId: string;
  readonly reason: ExitReason;
  /** The command that wants it; null = a stop level. */
  readonly commandId: string | null;
  readonly attempts: number;
  /** Wall time of the next attempt. */
  readonly nextAt: Instant;
}

export interface SignalMark {
  readonly id: string;
  readonly time: Instant;
  /** The signal's content as text: the same id with another content is a conflict. */
  readonly content: string;
}

/** What is known of the world as a whole. */
export interface WorldNotes {
  /** Lock-step: one of the predictor's signals has been taken, so the trader waits for them without limit. */
  readonly hasPredictor: boolean;
  /** Lock-step: the one wait for the predictor's first signal is over; null = not yet. */
  readonly firstSignalWaitEndedAt: Instant | null;
  /** A replay has run out, at this world time. */
  readonly feedEndedAt: Instant | null;
  /** Lock-step: the candles closing at the present world time, and what is still to come of them; null before the first. */
  readonly round: LockStepRound | null;
  /** Inputs that concerned more accounts than one step takes and are not finished yet, oldest first. */
  readonly partial: readonly PartialInput[];
}

/** What is taken account by account, in the order of their opening. A command is one without an account. */
export const PARTIAL_KINDS = ['SIGNAL', 'COMMAND', 'UNSIGNED_COMMAND'] as const;
export type PartialKind = (typeof PARTIAL_KINDS)[number];

/** How far an input is that is taken in parts: the same input, taken again, goes on there. */
export interface PartialInput {
  readonly kind: PartialKind;
  /** Of the signal or command. */
  readonly id: string;
  /** Accounts are counted from 0 in the order of their opening: those before this one are done. */
  readonly next: number;
  /** Accounts from this one on were opened after the input had begun: it does not concern them. */
  readonly end: number;
}

/** Candles that close at one time, and the predictor's signals for it. */
export interface LockStepRound {
  readonly closeAt: Instant;
  /** Whether the last candle closing at this time has been taken. */
  readonly isComplete: boolean;
  /** Symbols of candles taken whose signal has not been taken yet. */
  readonly awaiting: readonly string[];
}
