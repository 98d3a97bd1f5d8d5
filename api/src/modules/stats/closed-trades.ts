/** An account's closed trades, read in pages. */
import type { ReadModels } from '@kairos/ports';
import type { ClosedTrade, Trade } from '@kairos/schema';
import { isClosedTrade } from '@kairos/schema';

export type Closed = Trade & ClosedTrade;
export type ClosedTrades = Pick<ReadModels, 'closedTrades'>;

/** Closed trades that are read at a time. */
export const TRADES_READ_MAX = 1_000;

/** An account's closed trades after an event, oldest exit first. */
export async function* closedTradesOf(
  readModels: ClosedTrades,
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
