/** Query, fields and stream of newest prices. */
import type { Store } from '@kairos/ports';
import { Arg, Ctx, FieldResolver, Float, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { ApiContext } from '../../context.js';
import { requireViewer } from '../../graphql/guards.js';
import type { Stream } from '../../live/channel.js';
import type { PriceState } from '../../live/price-state.js';
import type { Optional } from '../arguments.js';
import { symbolsOf } from '../arguments.js';
import type { DayChange } from './day-change.js';
import { createDayChange } from './day-change.js';
import { pricesOf, toPrice } from './price.query.js';
import { PriceType } from './price.type.js';

@Resolver(() => PriceType)
export class PriceResolver {
  private readonly changes = new WeakMap<Store, DayChange>();

  @Query(() => [PriceType], { nullable: true })
  prices(
    @Ctx() context: ApiContext,
    @Arg('symbols', () => [String], { nullable: true }) symbols: Optional<string[]>,
  ): Promise<PriceType[]> {
    return pricesOf(context, symbols);
  }

  @Subscription(() => PriceType, {
    subscribe: ({ args, context }) => updates(context as ApiContext, args as { symbols: Optional<string[]> }),
  })
  priceUpdated(
    @Root() price: PriceState,
    @Arg('symbols', () => [String], { nullable: true }) _symbols: Optional<string[]>,
  ): PriceType {
    return toPrice(price);
  }

  @FieldResolver(() => Float, { nullable: true })
  changePercent24h(@Root() { source }: PriceType, @Ctx() context: ApiContext): Promise<number | null> {
    return this.changesOf(context.deps.store).percentOf(source);
  }

  private changesOf(store: Store): DayChange {
    const change = this.changes.get(store) ?? createDayChange(store.readModels);
    this.changes.set(store, change);
    return change;
  }
}

function updates(context: ApiContext, { symbols }: { readonly symbols: Optional<string[]> }): Stream<PriceState> {
  requireViewer(context);
  return context.deps.live.prices(symbolsOf(symbols) ?? null);
}
