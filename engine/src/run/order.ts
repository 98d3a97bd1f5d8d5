/**
 * The order in which inputs are taken. Pure: what waits and what the world's notes say decide.
 *
 * With an exchange the order of arrival is the truth. In REPLAY and SIMULATOR all candles that close at one time come
 * first, then the predictor's signals for it, then the next; commands and third parties' signals are never held back.
 */
import type { WorldNotes } from '@kairos/ports';
import type { Instant } from '@kairos/schema';

/** What stands at the front of each source; null = nothing has arrived, or nothing of that kind is read here. */
export interface Fronts {
  readonly command: Front | null;
  /** In lock-step those of third parties only, otherwise every signal. */
  readonly signal: Front | null;
  /** Lock-step: the predictor's. */
  readonly predictor: Front | null;
  readonly price: Front | null;
}

export interface Front {
  /** The broker's wall time. */
  readonly arrivedAt: Instant;
  /** When the candle's close was true, or the signal's time; null where the message is not valid or has none. */
  readonly time: Instant | null;
}

export type Choice = 'command' | 'signal' | 'predictor' | 'price';

/** What to take next, or what is waited for. */
export type Next = { readonly take: Choice } | { readonly wait: 'input' | 'predictor' };

const WAIT_FOR_INPUT: Next = { wait: 'input' };

/** Commands first, then prices and signals as the broker took them. */
export function nextArrival(fronts: Fronts): Next {
  if (fronts.command) return { take: 'command' };
  if (!fronts.price) return fronts.signal ? { take: 'signal' } : WAIT_FOR_INPUT;
  if (!fronts.signal) return { take: 'price' };
  return { take: fronts.price.arrivedAt <= fronts.signal.arrivedAt ? 'price' : 'signal' };
}

/** Lock-step. `isWaiting`: the predictor's signals are waited for at present. */
export function nextLockStep(fronts: Fronts, notes: WorldNotes, isWaiting: boolean): Next {
  if (fronts.command) return { take: 'command' };
  if (fronts.signal) return { take: 'signal' };
  const { round } = notes;
  const isRoundOver = isOver(notes, fronts.price);
  if (fronts.predictor && isDue(fronts.predictor, notes, isRoundOver)) return { take: 'predictor' };
  if (round && isRoundOver && round.awaiting.length > 0 && !fronts.predictor && isWaiting) {
    return { wait: 'predictor' };
  }
  return fronts.price ? { take: 'price' } : WAIT_FOR_INPUT;
}

/**
 * Lock-step: whether a candle has been taken before. They come in order of time, so what does not come after a round that
 * is complete is told a second time, such as by a feed whose request was taken for lost.
 */
export function isRepeated({ round }: WorldNotes, { at }: { readonly at: Instant }): boolean {
  return round !== null && (at < round.closeAt || (at === round.closeAt && round.isComplete));
}

/** A predictor's signal is due once the candles of its time have been taken; one that is not valid, at once. */
function isDue(predictor: Front, { round }: WorldNotes, isRoundOver: boolean): boolean {
  if (predictor.time === null) return true;
  if (!round) return false;
  return predictor.time < round.closeAt || (predictor.time === round.closeAt && isRoundOver);
}

/** A round is over with its last candle, or when a candle of a later time follows. */
function isOver({ round }: WorldNotes, price: Front | null): boolean {
  if (!round) return false;
  return round.isComplete || (price !== null && price.time !== null && price.time > round.closeAt);
}
