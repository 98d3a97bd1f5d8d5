/** What the auditor expects to happen to an account next. */
import type { DenialReason, ExitReason, PriceSource, RefusalCode, TradingEventType } from '@kairos/schema';
import type { Books, Position } from './books.js';
import type { ExitFigures } from './figures.js';

export interface Expected {
  readonly type: TradingEventType;
  readonly causedBy: string;
  /** TRADE_OPENED. */
  readonly opened?: Position;
  /** TRADE_CLOSED. */
  readonly closed?: ExitFigures & { readonly position: Position; readonly reason: ExitReason };
  /** Of signals that were decided. */
  readonly denial?: DenialReason;
  readonly isDecision?: boolean;
  /** COMMAND_REFUSED. */
  readonly refusal?: RefusalCode;
  /** CLOSE_FAILED. */
  readonly error?: string;
  /** Of fills that no signal priced. */
  readonly priced?: { readonly source: PriceSource; readonly ageMs: number };
}

/**
 * What one input means for one account, event by event: each is worked out, and the books changed, only when it is asked
 * for, so that an input taken in several parts is judged by what is true at each of them.
 */
export type Course = Generator<Expected, void, void>;

export interface Stage {
  readonly books: Books;
  readonly course: Course;
}
