import type { ExitReason, Instant, Price, PriceSource, Trade } from '@kairos/schema';
import { withClosed } from '../ledger/ledger.js';
import { valuationOf } from '../position/valuation.js';
import type { Draft } from '../recorder.js';
import type { AccountState, EngineState } from '../state.js';
import { bookOf } from '../state.js';
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

/** The event, still without its cause, that closes a position whole. */
export function closing(account: AccountState, exit: Exit): Omit<Draft, 'causedBy'> & { type: 'TRADE_CLOSED' } {
  const figures = fillExit(exit.trade, exit.price, account.account.settings);
  const closed = {
    ...exit.trade,
    ...figures,
    status: 'CLOSED' as const,
    exitTime: exit.now,
    exitReason: exit.reason,
    exitSignalId: exit.signalId ?? null,
    exitCommandId: exit.commandId ?? null,
  };
  return {
    type: 'TRADE_CLOSED',
    time: exit.now,
    account: withClosed(account.account, closed),
    trade: (seq) => ({ ...closed, seq }),
  };
}

/** The price of an order that no signal caused: the symbol's newest, however old. */
export function newestPrice(
  state: EngineState,
  trade: Trade,
  now: Instant,
): { readonly price: Price; readonly source: PriceSource; readonly ageMs: number } {
  const { price, source, at } = valuationOf(bookOf(state, trade.symbol), trade);
  return { price, source, ageMs: Math.max(0, now - at) };
}
