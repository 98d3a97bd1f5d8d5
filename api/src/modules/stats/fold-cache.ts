/**
 * What follows from an account's closed trades, folded as they come: each trade is read once per process, however often
 * its account is asked about.
 */
import type { Fold } from '@kairos/schema';
import type { Closed, ClosedTrades } from './closed-trades.js';
import { closedTradesOf } from './closed-trades.js';
import { createKept } from './kept.js';

export interface FoldCache<R> {
  /**
   * Of the account's trades that were closed by its event `seq`: what is closed while an answer is made stays out of it,
   * so that statistics agree with the account that they are shown beside.
   */
  of(accountId: string, seq: number): Promise<R>;
}

/** States that are kept of one account, for answers that look at a slightly older event. */
const STATES_KEPT_MAX = 8;

interface State<S> {
  readonly folded: S;
  /** Of the newest trade in it. */
  readonly seq: number;
}

export function createFoldCache<S, R>(readModels: ClosedTrades, fold: Fold<Closed, S, R>): FoldCache<R> {
  const nothing: State<S> = { folded: fold.initial, seq: 0 };
  /** Oldest first. */
  const kept = createKept<readonly State<S>[]>([]);

  const continued = async (accountId: string, until: number, known: State<S>): Promise<State<S>> => {
    let { folded, seq } = known;
    for await (const trade of closedTradesOf(readModels, accountId, seq)) {
      if (trade.seq > until) break;
      folded = fold.add(folded, trade);
      seq = trade.seq;
    }
    return { folded, seq };
  };

  return {
    of: (accountId, seq) =>
      kept.change(accountId, async (states) => {
        const known = states.findLast((candidate) => candidate.seq <= seq) ?? nothing;
        const newest = await continued(accountId, seq, known);
        return { next: withState(states, newest), answer: fold.result(newest.folded) };
      }),
  };
}

/** Keeps a state that is newer than all others, instead of the oldest. */
const withState = <S>(states: readonly State<S>[], state: State<S>): readonly State<S>[] =>
  state.seq > (states.at(-1)?.seq ?? 0) ? [...states, state].slice(-STATES_KEPT_MAX) : states;
