/** Queries, fields and the stream of trades. */
import type { TradingEvent } from '@kairos/schema';
import { formatMoney, formatPrice } from '@kairos/schema';
import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { ApiContext } from '../../context.js';
import { Decimal } from '../../graphql/scalars.js';
import type { Stream } from '../../live/channel.js';
import { valuePosition } from '../../live/valuation.js';
import type { Optional } from '../arguments.js';
import type { FactArguments } from '../facts.js';
import { factsOf } from '../facts.js';
import { forget } from '../memo.js';
import type { Connection } from '../paging.js';
import { connectionOf } from '../paging.js';
import { signalById } from '../signal/signal.query.js';
import { SignalType } from '../signal/signal.type.js';
import { priceBooks } from '../valuation.js';
import { readableTrade, toTrade, tradesOf } from './trade.query.js';
import { TradeFilter, TradeType } from './trade.type.js';

const TradeConnection = connectionOf('Trade', () => TradeType);

@Resolver(() => TradeType)
export class TradeResolver {
  @Query(() => TradeType, { nullable: true })
  async trade(@Ctx() context: ApiContext, @Arg('id', () => ID) id: string): Promise<TradeType> {
    return toTrade(await readableTrade(context, id));
  }

  @Query(() => TradeConnection, { nullable: true })
  trades(
    @Ctx() context: ApiContext,
    @Arg('accountId', () => ID, { nullable: true }) accountId: Optional<string>,
    @Arg('filter', () => TradeFilter, { nullable: true }) filter: Optional<TradeFilter>,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20 }) first: Optional<number>,
    @Arg('after', () => String, { nullable: true }) after: Optional<string>,
  ): Promise<Connection<TradeType>> {
    return tradesOf(context, { accountId, filter, first, after });
  }

  @Subscription(() => TradeType, {
    description: 'On facts only, never on a price.',
    subscribe: ({ args, context }) => tradeEvents(context as ApiContext, args as FactArguments),
  })
  tradeUpdated(
    @Root() event: TradingEvent,
    @Ctx() context: ApiContext,
    @Arg('accountId', () => ID, { nullable: true }) _accountId: Optional<string>,
    @Arg('afterSeq', () => Int, { nullable: true }) _afterSeq: Optional<number>,
  ): TradeType {
    forget(context);
    return toTrade(event.trade as NonNullable<TradingEvent['trade']>);
  }

  @FieldResolver(() => Decimal, {
    nullable: true,
    description: 'As of the answer, null once closed; live values come from livePnl.',
  })
  async currentPrice(@Root() { source }: TradeType, @Ctx() context: ApiContext): Promise<string | null> {
    if (source.status === 'CLOSED') return null;
    return formatPrice(valuePosition(source, await priceBooks(context)).price);
  }

  @FieldResolver(() => Decimal, { nullable: true })
  async unrealizedPnl(@Root() { source }: TradeType, @Ctx() context: ApiContext): Promise<string | null> {
    if (source.status === 'CLOSED') return null;
    return formatMoney(valuePosition(source, await priceBooks(context)).unrealizedPnl);
  }

  @FieldResolver(() => SignalType, { nullable: true })
  entrySignal(@Root() { source }: TradeType, @Ctx() context: ApiContext): Promise<SignalType | null> {
    return signalById(context, source.entrySignalId);
  }

  @FieldResolver(() => SignalType, { nullable: true })
  async exitSignal(@Root() { source }: TradeType, @Ctx() context: ApiContext): Promise<SignalType | null> {
    return source.exitSignalId === null ? null : signalById(context, source.exitSignalId);
  }
}

const tradeEvents = (context: ApiContext, args: FactArguments): Promise<Stream<TradingEvent>> =>
  factsOf(context, args, (event) => event.trade !== null);
