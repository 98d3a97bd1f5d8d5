/** Trades: read model to GraphQL. */
import type { Trade } from '@kairos/schema';
import { formatAmount, formatMoney, formatPrice, plus } from '@kairos/schema';
import type { ApiContext } from '../../context.js';
import { NotFoundError } from '../../graphql/errors.js';
import { requireViewer } from '../../graphql/guards.js';
import { isReadable, readableAccount } from '../account/account.access.js';
import type { Optional } from '../arguments.js';
import { given, symbolsOf } from '../arguments.js';
import { remembered } from '../memo.js';
import type { Connection, PageArguments } from '../paging.js';
import { pageOf } from '../paging.js';
import { orNull, percentOf } from '../text.js';
import type { TradeFilter, TradeType } from './trade.type.js';

/** A trade that the viewer may see. @throws NotFoundError */
export async function readableTrade(context: ApiContext, id: string): Promise<Trade> {
  requireViewer(context);
  const trade = await tradeById(context, id);
  if (!trade || !(await isReadable(context, trade.accountId))) throw new NotFoundError('This trade');
  return trade;
}

/** A trade by its id, read once per operation; whoever calls has seen to it that the viewer may see it. */
export const tradeById = (context: ApiContext, id: string): Promise<Trade | null> =>
  remembered(context, `trade:${id}`, () => context.deps.store.readModels.trade(id));

export interface TradesArguments extends PageArguments {
  readonly accountId: Optional<string>;
  readonly filter: Optional<TradeFilter>;
}

/** Newest entry first. @throws NotFoundError, BadInputError */
export async function tradesOf(context: ApiContext, args: TradesArguments): Promise<Connection<TradeType>> {
  const { account } = await readableAccount(context, args.accountId);
  const { readModels } = context.deps.store;
  const filter = args.filter ?? {};
  const query = {
    accountId: account.id,
    ...given({
      status: filter.status,
      symbols: symbolsOf(filter.symbols),
      exitReasons: filter.exitReasons,
      from: filter.from,
      to: filter.to,
      profitable: filter.profitable,
    }),
  };
  return pageOf(args, {
    read: (page) => readModels.trades(query, page),
    count: (max) => readModels.countTrades(query, max),
    toNode: toTrade,
  });
}

export function toTrade(trade: Trade): TradeType {
  return {
    source: trade,
    id: trade.id,
    accountId: trade.accountId,
    seq: trade.seq,
    symbol: trade.symbol,
    action: trade.action,
    status: trade.status,
    amount: formatAmount(trade.amount),
    entryPrice: formatPrice(trade.entryPrice),
    cost: formatMoney(trade.cost),
    entryFee: formatMoney(trade.entryFee),
    entryTime: trade.entryTime,
    confidence: trade.confidence,
    regime: trade.regime,
    stopLossPrice: orNull(trade.stopLossPrice, formatPrice),
    takeProfitPrice: orNull(trade.takeProfitPrice, formatPrice),
    exitPrice: orNull(trade.exitPrice, formatPrice),
    revenue: orNull(trade.revenue, formatMoney),
    exitFee: orNull(trade.exitFee, formatMoney),
    exitTime: trade.exitTime,
    exitReason: trade.exitReason,
    pnl: orNull(trade.pnl, formatMoney),
    pnlPercent: trade.pnl === null ? null : percentOf(trade.pnl, plus(trade.cost, trade.entryFee)),
    exitCommandId: trade.exitCommandId,
  };
}
