/**
 * What follows from an account's closed trades, folded as they come: each trade is read once per process, however often
 * its account's statistics are asked for.
 */
import type { ReadModels } from '@kairos/ports';
import type { ClosedTrade, Trade, TradePerformance, TradePerformanceState } from '@kairos/schema';
import { isClosedTrade, tradePerformance } from '@kairos/schema';

export type Closed = Trade & ClosedTrade;
export type Performance = TradePerformance<Closed>;

export interface PerformanceCache {
  /**
   * Of the account's trades that were closed by its event `seq`: what is closed while an answer is made stays out of it,
   * so that statistics agree with the account that they are shown beside.
   */
  of(accountId: string, seq: number): Promise<Performance>;
}

/** Accounts whose folds are kept; the one not asked for the longest goes first. */
export const ACCOUNTS_KEPT_MAX = 1_000;
/** Closed trades that are read at a time. */
export const TRADES_READ_MAX = 1_000;
/** States that are kept of one account, for answers that look at a slightly older event. */
const STATES_KEPT_MAX = 8;

const fold = tradePerformance<Closed>();

interface State {
  readonly folded: TradePerformanceState<Closed>;
  /** Of the newest trade in it. */
  readonly seq: number;
}

/** Oldest first. */
type Kept = readonly State[];

const NOTHING: State = { folded: fold.initial, seq: 0 };

export function createPerformanceCache(readModels: Pick<ReadModels, 'closedTrades'>): PerformanceCache {
  const kept = new Map<string, Promise<Kept>>();

  return {
    async of(accountId, seq) {
      const before = kept.get(accountId) ?? Promise.resolve([]);
      // One after the other per account, so that no trade is read twice; a failed reading leaves what was there.
      const state = before.then((states) => {
        const known = states.findLast((candidate) => candidate.seq <= seq) ?? NOTHING;
        return continued(readModels, { accountId, seq }, known);
      });
      const after = state.then(
        async (newest) => withState(await before, newest),
        () => before,
      );
      kept.delete(accountId);
      kept.set(accountId, after);
      for (const oldest of kept.keys()) {
        if (kept.size <= ACCOUNTS_KEPT_MAX) break;
        kept.delete(oldest);
      }
      return fold.result((await state).folded);
    },
  };
}

/** Keeps a state that is newer than all others, instead of the oldest. */
const withState = (states: Kept, state: State): Kept =>
  state.seq > (states.at(-1)?.seq ?? 0) ? [...states, state].slice(-STATES_KEPT_MAX) : states;

async function continued(
  readModels: Pick<ReadModels, 'closedTrades'>,
  until: { readonly accountId: string; readonly seq: number },
  known: State,
): Promise<State> {
  let { folded, seq } = known;
  for await (const trade of closedTradesOf(readModels, until.accountId, seq)) {
    if (trade.seq > until.seq) break;
    folded = fold.add(folded, trade);
    seq = trade.seq;
  }
  return { folded, seq };
}

/** An account's closed trades after an event, oldest exit first, read in pages. */
export async function* closedTradesOf(
  readModels: Pick<ReadModels, 'closedTrades'>,
  accountId: string,
  afterSeq: number,
): AsyncGenerator<Closed> {
  for (let seq = afterSeq; ;) {
    const trades = await readModels.closedTrades(accountId, seq, TRADES_READ_MAX);
    for (const trade of trades) if (isClosedTrade(trade)) yield trade;
    seq = trades.at(-1)?.seq ?? seq;
    if (trades.length < TRADES_READ_MAX) return;
  }
}
