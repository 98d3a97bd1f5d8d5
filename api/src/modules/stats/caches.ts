/** What the statistics of a store's accounts are made from, kept from one answer to the next. */
import type { ReadModels } from '@kairos/ports';
import type { Fold, Grouping, GroupPerformance, TradePerformance, TradePerformanceState } from '@kairos/schema';
import { groupPerformance, tradePerformance } from '@kairos/schema';
import type { Closed } from './closed-trades.js';
import type { EquityDaysCache, EquityHistory } from './equity-days.js';
import { createEquityDaysCache } from './equity-days.js';
import type { FoldCache } from './fold-cache.js';
import { createFoldCache } from './fold-cache.js';
import type { TradePage, TradePagesState } from './trade-pages.js';
import { tradePages } from './trade-pages.js';

export interface ClosedTradesKnown {
  readonly performance: TradePerformance<Closed>;
  readonly pages: readonly TradePage[];
}

export interface StatsCaches {
  readonly trades: FoldCache<ClosedTradesKnown>;
  readonly days: EquityDaysCache;
  groups(by: Grouping): FoldCache<readonly GroupPerformance[]>;
}

interface State {
  readonly performance: TradePerformanceState<Closed>;
  readonly pages: TradePagesState;
}

export const performanceFold = tradePerformance<Closed>();

const everything: Fold<Closed, State, ClosedTradesKnown> = {
  initial: { performance: performanceFold.initial, pages: tradePages.initial },
  add: (state, trade) => ({
    performance: performanceFold.add(state.performance, trade),
    pages: tradePages.add(state.pages, trade),
  }),
  result: (state) => ({
    performance: performanceFold.result(state.performance),
    pages: tradePages.result(state.pages),
  }),
};

export function createStatsCaches(readModels: EquityHistory & Pick<ReadModels, 'closedTrades'>): StatsCaches {
  const groups = new Map<Grouping, FoldCache<readonly GroupPerformance[]>>();
  return {
    trades: createFoldCache(readModels, everything),
    days: createEquityDaysCache(readModels),
    groups(by) {
      const cache = groups.get(by) ?? createFoldCache(readModels, groupPerformance(by));
      groups.set(by, cache);
      return cache;
    },
  };
}
