/** Exits that a market price triggers: stop loss, take profit, trailing stop. */
import type { ExitReason, Price, Trade } from '@kairos/schema';
import { levelBelow } from '@kairos/schema';
import type { AccountState } from '../state.js';

/** Why this price ends the trade; null when it does not. The stop loss comes first, the trailing stop last. */
export function exitAt(account: AccountState, trade: Trade, price: Price): ExitReason | null {
  if (trade.stopLossPrice !== null && price <= trade.stopLossPrice) return 'STOP_LOSS';
  if (trade.takeProfitPrice !== null && price >= trade.takeProfitPrice) return 'TAKE_PROFIT';
  const { trailingStop } = account.account.settings;
  if (trailingStop === null) return null;
  const peak = account.peakPrices.get(trade.id) ?? trade.entryPrice;
  return price <= levelBelow(peak, trailingStop) ? 'TRAILING_STOP' : null;
}

/** Notes a new highest price since entry; true when it is one. */
export function trackPeak(account: AccountState, trade: Trade, price: Price): boolean {
  const peak = account.peakPrices.get(trade.id) ?? trade.entryPrice;
  if (price <= peak) return false;
  account.peakPrices.set(trade.id, price);
  return true;
}
