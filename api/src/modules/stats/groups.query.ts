/** Performance by group: closed trades to GraphQL. */
import type { Grouping, GroupPerformance } from '@kairos/schema';
import { formatMoney, groupPerformance } from '@kairos/schema';
import type { ApiContext } from '../../context.js';
import { readableAccount } from '../account/account.access.js';
import type { StatsCaches } from './caches.js';
import type { GroupStatsType } from './groups.type.js';
import type { StatsArguments } from './stats.query.js';
import { spanOf } from './stats.query.js';
import type { Span } from './trade-pages.js';
import { closedTradesAround, isWithin } from './trade-pages.js';

/** Groups that one answer has at most; of more, the newest days, weeks or months. */
export const GROUPS_MAX = 1_000;

/** Trades closed within the span, both ends included. @throws NotFoundError, BadInputError */
export async function groupsOf(
  context: ApiContext,
  { by, ...args }: StatsArguments & { readonly by: Grouping },
  caches: StatsCaches,
): Promise<GroupStatsType[]> {
  const { account } = await readableAccount(context, args.accountId);
  const span = spanOf(args);
  const groups =
    span === null
      ? await caches.groups(by).of(account.id, account.seq)
      : await groupsWithin(context, { account, by, span }, caches);
  return groups.slice(-GROUPS_MAX).map((group) => ({ ...group, realizedPnl: formatMoney(group.realizedPnl) }));
}

async function groupsWithin(
  { deps: { store } }: ApiContext,
  { account, by, span }: { readonly account: { id: string; seq: number }; by: Grouping; span: Span },
  caches: StatsCaches,
): Promise<readonly GroupPerformance[]> {
  const { pages } = await caches.trades.of(account.id, account.seq);
  const fold = groupPerformance(by);
  let state = fold.initial;
  for await (const trade of closedTradesAround(store.readModels, { accountId: account.id, pages }, span)) {
    if (isWithin(trade.exitTime, span)) state = fold.add(state, trade);
  }
  return fold.result(state);
}
