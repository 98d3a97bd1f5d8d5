/** The newest trades, from facts in order of seq: each is taken once, and a later fact about a trade replaces it. */
import type { Trade } from '../api/fragments.js';

/** Trades that the dashboard lists. */
export const TRADES_SHOWN = 20;

export interface TradesState {
  /** The last fact taken: where the stream goes on from. */
  readonly seq: number;
  /** Newest entry first. */
  readonly trades: readonly Trade[];
}

/** Nothing listed yet; the stream goes on after `seq`. */
export const noTrades = (seq: number): TradesState => ({ seq, trades: [] });

/** The state after a query's answer: of each trade its later version is kept, and the stream goes on where it was. */
export function mergeTrades(state: TradesState, answer: readonly Trade[]): TradesState {
  const known = new Map(state.trades.map((trade) => [trade.id, trade]));
  for (const trade of answer) if (trade.seq >= (known.get(trade.id)?.seq ?? 0)) known.set(trade.id, trade);
  return { seq: state.seq, trades: newest([...known.values()]) };
}

/** The state after a fact; the same state when the fact was taken before. */
export function reduceTrade(state: TradesState, trade: Trade): TradesState {
  if (trade.seq <= state.seq) return state;
  const known = state.trades.find((other) => other.id === trade.id);
  const seq = trade.seq;
  if (known && known.seq >= trade.seq) return { ...state, seq };
  return { seq, trades: newest([trade, ...state.trades.filter((other) => other.id !== trade.id)]) };
}

function newest(trades: readonly Trade[]): readonly Trade[] {
  const byEntry = (a: Trade, b: Trade): number =>
    Date.parse(b.entryTime) - Date.parse(a.entryTime) || b.seq - a.seq || a.id.localeCompare(b.id);
  return [...trades].sort(byEntry).slice(0, TRADES_SHOWN);
}
