import type { ExitReason, Instant, Price, PriceSource, Trade } from '@kairos/schema';
import type { ClosedTrade } from '../ledger/books.js';
import { withClosed } from '../ledger/books.js';
import { valuationOf } from '../position/valuation.js';
import type { Draft } from '../recorder.js';
import { nextSeq } from '../recorder.js';
import type { AccountState, EngineState } from '../state.js';
import { marketOf } from '../state.js';
import { fillExit } from './fill.js';

/** Why a position is closed, and at which price before slippage. */
export interface Exit {
  readonly trade: Trade;
  readonly price: Price;
  readonly reason: ExitReason;
  readonly now: Instant;
  readonly signalId?: string;
  readonly commandId?: string;
}

/** A closing, still without its cause. */
export interface ClosingDraft extends Omit<Draft, 'causedBy'> {
  readonly type: 'TRADE_CLOSED';
  readonly trade: ClosedTrade;
}

/** The event, still without its cause, that closes a position whole. */
export function closing(account: AccountState, exit: Exit): ClosingDraft {
  const { trade } = exit;
  const { exitPrice, revenue, exitFee, pnl } = fillExit(trade, exit.price, account.account.settings);
  const closed: ClosedTrade = {
    id: trade.id,
    accountId: trade.accountId,
    seq: nextSeq(account),
    openedSeq: trade.openedSeq,
    symbol: trade.symbol,
    action: trade.action,
    status: 'CLOSED',
    amount: trade.amount,
    entryPrice: trade.entryPrice,
    cost: trade.cost,
    entryFee: trade.entryFee,
    entryTime: trade.entryTime,
    confidence: trade.confidence,
    regime: trade.regime,
    stopLossPrice: trade.stopLossPrice,
    takeProfitPrice: trade.takeProfitPrice,
    entrySignalId: trade.entrySignalId,
    exitPrice,
    revenue,
    exitFee,
    exitTime: exit.now,
    exitReason: exit.reason,
    pnl,
    exitSignalId: exit.signalId ?? null,
    exitCommandId: exit.commandId ?? null,
  };
  return {
    type: 'TRADE_CLOSED',
    time: exit.now,
    account: withClosed(account.account, closed),
    trade: closed,
  };
}

/** The price of an order that no signal caused: the symbol's newest, however old. */
export function newestPrice(
  state: EngineState,
  trade: Trade,
  now: Instant,
): { readonly price: Price; readonly source: PriceSource; readonly ageMs: number } {
  const { price, source, at } = valuationOf(marketOf(state, trade.symbol), trade);
  return { price, source, ageMs: Math.max(0, now - at) };
}
