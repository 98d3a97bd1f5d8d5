/**
 * What is known of the world as a whole. The lock-step round in it moves with every price, so it is changed in place and
 * allocates nothing; whoever asks for the notes gets a copy that stays as it is.
 */
import type { Instant, LockStepRound, MarketCandle, Signal, WorldNotes } from '@kairos/schema';

export interface LiveNotes {
  /** The notes as they are now: the same copy until something changes. */
  read(): WorldNotes;
  write(notes: WorldNotes): void;
  /** Lock-step: a candle was taken. */
  candleTaken(candle: Pick<MarketCandle, 'symbol' | 'at' | 'last' | 'closed'>): void;
  /** Lock-step: one of the predictor's signals was taken. */
  signalTaken(signal: Pick<Signal, 'symbol' | 'time'>): void;
}

/** A `LockStepRound` that is changed in place; its places for symbols are used again. */
interface LiveRound {
  /** NaN before the first candle. */
  closeAt: Instant;
  isComplete: boolean;
  readonly symbols: string[];
  awaited: number;
}

export function createLiveNotes(initial: WorldNotes): LiveNotes {
  const round: LiveRound = { closeAt: NaN as Instant, isComplete: false, symbols: [], awaited: 0 };
  let notes = initial;
  /** The round has moved on from what the notes say. */
  let isMoved = false;

  const live: LiveNotes = {
    read() {
      if (isMoved) notes = { ...notes, round: copyOf(round) };
      isMoved = false;
      return notes;
    },
    write(written) {
      notes = written;
      isMoved = false;
      const { closeAt, isComplete, awaiting } = written.round ?? NO_ROUND;
      round.closeAt = closeAt;
      round.isComplete = isComplete;
      round.awaited = 0;
      for (const symbol of awaiting) awaitSignal(round, symbol);
    },
    candleTaken({ symbol, at, last, closed }) {
      if (notes.feedEndedAt !== null) notes = { ...notes, feedEndedAt: null };
      if (at !== round.closeAt) round.awaited = 0;
      round.closeAt = at;
      round.isComplete = last;
      if (closed) awaitSignal(round, symbol);
      isMoved = true;
    },
    signalTaken({ symbol, time }) {
      if (!notes.hasPredictor) notes = { ...notes, hasPredictor: true };
      if (!(time >= round.closeAt)) return;
      const { symbols, awaited } = round;
      round.awaited = 0;
      for (let index = 0; index < awaited; index++) {
        if (symbols[index] !== symbol) awaitSignal(round, symbols[index]!);
      }
      isMoved = true;
    },
  };
  live.write(initial);
  return live;
}

const NO_ROUND: LockStepRound = { closeAt: NaN as Instant, isComplete: false, awaiting: [] };

function awaitSignal(round: LiveRound, symbol: string): void {
  // What is there already is not written again: a write costs more than the look.
  if (round.symbols[round.awaited] !== symbol) round.symbols[round.awaited] = symbol;
  round.awaited += 1;
}

const copyOf = ({ closeAt, isComplete, symbols, awaited }: LiveRound): LockStepRound => ({
  closeAt,
  isComplete,
  awaiting: symbols.slice(0, awaited),
});
