/** The journal: the one ordered truth of a world. State, tables and charts are folds of it. */
import type { DeadLetter, Instant, Money, Price, PriceBook, TradingEvent } from '@kairos/schema';

/** What one commit took and what came of it. One writer per shard; unique by (shard, entry). */
export interface JournalEntry {
  readonly shard: number;
  /** Counts from 1 without a gap. */
  readonly entry: number;
  /** Counts a shard's owners; a new owner's first entry carries the next one and no inputs. */
  readonly epoch: number;
  /** The owner's instance name. */
  readonly owner: string;
  /** World time after the entry; null before the first price. */
  readonly worldTime: Instant | null;
  /** Wall time. */
  readonly committedAt: Instant;
  /** Next offset to take per input cursor, of every cursor that moved. */
  readonly positions: Readonly<Record<string, number>>;
  readonly events: readonly TradingEvent[];
  /** Price books that changed, as they are after the entry. */
  readonly prices: readonly PriceBook[];
  /** Account figures that no event carries, of accounts where they changed, as they are after the entry. */
  readonly marks: readonly AccountMark[];
  /** Signals taken, to know a repeated one by its id. */
  readonly signals: readonly SignalMark[];
  readonly deadLetters: readonly DeadLetter[];
  readonly notes: WorldNotes;
  /** Every event and dead letter up to this entry is known to have been published. */
  readonly publishedThrough: number;
}

/** What the core knows of an account beside its events. */
export interface AccountMark {
  readonly accountId: string;
  /** 00:00 UTC of the world's current day, and the account's equity then. */
  readonly dayStart: Instant;
  readonly dayOpeningEquity: Money;
  /** Σ pnl of trades closed since then. */
  readonly dayRealizedPnl: Money;
  readonly peakEquity: Money;
  /** Largest fall of equity below its peak so far in money, and the largest in percent (0..100) of the peak of its time. */
  readonly maxDrawdown: Money;
  readonly maxDrawdownPercent: number;
  /** Wall time of issue of the commands that opened and last resumed it: older STOP_BOTs do not concern it. */
  readonly openedByCommandAt: Instant;
  readonly resumedByCommandAt: Instant | null;
  /** Highest price since entry, per open trade's id. */
  readonly peakPrices: Readonly<Record<string, Price>>;
  /** World time of the last losing exit per symbol, while a cooldown may ask for it. */
  readonly lastLossAt: Readonly<Record<string, Instant>>;
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
}

/** Candles that close at one time, and the predictor's signals for it. */
export interface LockStepRound {
  readonly closeAt: Instant;
  /** Whether the last candle closing at this time has been taken. */
  readonly isComplete: boolean;
  /** Symbols of candles taken whose signal has not been taken yet. */
  readonly awaiting: readonly string[];
}

/** A shard's state at an entry, as the core wrote it. */
export interface Snapshot {
  readonly shard: number;
  readonly entry: number;
  readonly state: string;
}

/** Who owns a shard, and how far its journal is. Entry and epoch 0 where the journal is empty. */
export interface JournalHead {
  readonly entry: number;
  readonly epoch: number;
  readonly owner: string | null;
}
