/** Queries of statistics. */
import type { Store } from '@kairos/ports';
import type { Grouping, Instant } from '@kairos/schema';
import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { ApiContext } from '../../context.js';
import { DateTime } from '../../graphql/scalars.js';
import type { Optional } from '../arguments.js';
import { GroupByEnum } from '../enums.js';
import type { StatsCaches } from './caches.js';
import { createStatsCaches } from './caches.js';
import { groupsOf } from './groups.query.js';
import { GroupStatsType } from './groups.type.js';
import { statsOf } from './stats.query.js';
import { StatsType } from './stats.type.js';

@Resolver()
export class StatsResolver {
  private readonly caches = new WeakMap<Store, StatsCaches>();

  @Query(() => StatsType, { nullable: true })
  stats(
    @Ctx() context: ApiContext,
    @Arg('accountId', () => ID, { nullable: true }) accountId: Optional<string>,
    @Arg('from', () => DateTime, { nullable: true }) from: Optional<Instant>,
    @Arg('to', () => DateTime, { nullable: true }) to: Optional<Instant>,
  ): Promise<StatsType> {
    return statsOf(context, { accountId, from, to }, this.cachesOf(context.deps.store));
  }

  @Query(() => [GroupStatsType], {
    nullable: true,
    description: 'Trades closed within a span, by what they have in common; at most the newest 1,000 groups.',
  })
  performance(
    @Ctx() context: ApiContext,
    @Arg('accountId', () => ID, { nullable: true }) accountId: Optional<string>,
    @Arg('by', () => GroupByEnum) by: Grouping,
    @Arg('from', () => DateTime, { nullable: true }) from: Optional<Instant>,
    @Arg('to', () => DateTime, { nullable: true }) to: Optional<Instant>,
  ): Promise<GroupStatsType[]> {
    return groupsOf(context, { accountId, by, from, to }, this.cachesOf(context.deps.store));
  }

  private cachesOf(store: Store): StatsCaches {
    const caches = this.caches.get(store) ?? createStatsCaches(store.readModels);
    this.caches.set(store, caches);
    return caches;
  }
}
