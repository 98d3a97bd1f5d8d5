/** Query of statistics. */
import type { Store } from '@kairos/ports';
import type { Instant } from '@kairos/schema';
import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { ApiContext } from '../../context.js';
import { DateTime } from '../../graphql/scalars.js';
import type { Optional } from '../arguments.js';
import type { PerformanceCache } from './performance-cache.js';
import { createPerformanceCache } from './performance-cache.js';
import { statsOf } from './stats.query.js';
import { StatsType } from './stats.type.js';

@Resolver()
export class StatsResolver {
  private readonly caches = new WeakMap<Store, PerformanceCache>();

  @Query(() => StatsType, { nullable: true })
  stats(
    @Ctx() context: ApiContext,
    @Arg('accountId', () => ID, { nullable: true }) accountId: Optional<string>,
    @Arg('from', () => DateTime, { nullable: true }) from: Optional<Instant>,
    @Arg('to', () => DateTime, { nullable: true }) to: Optional<Instant>,
  ): Promise<StatsType> {
    return statsOf(context, { accountId, from, to }, this.cacheOf(context.deps.store));
  }

  private cacheOf(store: Store): PerformanceCache {
    const cache = this.caches.get(store) ?? createPerformanceCache(store.readModels);
    this.caches.set(store, cache);
    return cache;
  }
}
