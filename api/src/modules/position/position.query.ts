/** Open positions: read model to GraphQL. */
import type { Instant } from '@kairos/schema';
import { formatAmount, formatMoney, formatPrice, SECOND_MS } from '@kairos/schema';
import type { ApiContext } from '../../context.js';
import type { ValuedPosition } from '../../live/valuation.js';
import { valueAccount } from '../../live/valuation.js';
import { readableAccount } from '../account/account.access.js';
import type { Optional } from '../arguments.js';
import { orNull, percentOf } from '../text.js';
import { priceBooks } from '../valuation.js';
import type { PositionType } from './position.type.js';

/** Newest entry first. @throws NotFoundError */
export async function positionsOf(context: ApiContext, accountId: Optional<string>): Promise<PositionType[]> {
  const [view, books] = await Promise.all([readableAccount(context, accountId), priceBooks(context)]);
  const now = context.deps.live.now();
  return valueAccount(view, books).positions.map((position) => toPosition(position, now));
}

/** @param now World time. */
export function toPosition(
  { trade, price, priceTime, value, unrealizedPnl }: ValuedPosition,
  now: Instant,
): PositionType {
  return {
    id: trade.id,
    symbol: trade.symbol,
    amount: formatAmount(trade.amount),
    entryPrice: formatPrice(trade.entryPrice),
    currentPrice: formatPrice(price),
    priceTime,
    currentValue: formatMoney(value),
    unrealizedPnl: formatMoney(unrealizedPnl),
    unrealizedPnlPercent: percentOf(unrealizedPnl, trade.cost) ?? 0,
    confidence: trade.confidence,
    openedAt: trade.entryTime,
    heldSeconds: Math.max(0, Math.floor((now - trade.entryTime) / SECOND_MS)),
    stopLossPrice: orNull(trade.stopLossPrice, formatPrice),
    takeProfitPrice: orNull(trade.takeProfitPrice, formatPrice),
  };
}
