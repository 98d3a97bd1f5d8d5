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
  /** Of every closed trade of the account that the read models show. */
  of(accountId: string): Promise<Performance>;
}

/** Accounts whose folds are kept; the one not asked for the longest goes first. */
export const ACCOUNTS_KEPT_MAX = 1_000;
/** Closed trades that are read at a time. */
export const TRADES_READ_MAX = 1_000;

const fold = tradePerformance<Closed>();

interface Kept {
  readonly state: TradePerformanceState<Closed>;
  readonly seq: number;
}

const NOTHING: Kept = { state: fold.initial, seq: 0 };

export function createPerformanceCache(readModels: Pick<ReadModels, 'closedTrades'>): PerformanceCache {
  const kept = new Map<string, Promise<Kept>>();

  return {
    async of(accountId) {
      const before = kept.get(accountId) ?? Promise.resolve(NOTHING);
      // One after the other per account, so that no trade is folded twice; a failed reading leaves what was there.
      const after = before.then((known) => continued(readModels, accountId, known));
      kept.delete(accountId);
      kept.set(
        accountId,
        after.catch(() => before),
      );
      for (const oldest of kept.keys()) {
        if (kept.size <= ACCOUNTS_KEPT_MAX) break;
        kept.delete(oldest);
      }
      return fold.result((await after).state);
    },
  };
}

async function continued(readModels: Pick<ReadModels, 'closedTrades'>, accountId: string, known: Kept): Promise<Kept> {
  let { state, seq } = known;
  for await (const trade of closedTradesOf(readModels, accountId, seq)) {
    state = fold.add(state, trade);
    seq = trade.seq;
  }
  return { state, seq };
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
