/** Query and stream of candles. */
import type { Instant, MarketCandle } from '@kairos/schema';
import { Arg, Ctx, Int, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { ApiContext } from '../../context.js';
import { requireViewer } from '../../graphql/guards.js';
import { DateTime } from '../../graphql/scalars.js';
import type { Stream } from '../../live/channel.js';
import type { Optional } from '../arguments.js';
import { intervalOf, symbolOf } from '../arguments.js';
import { candlesOf, INTERVAL_DEFAULT, toCandle } from './candle.query.js';
import { CandleType } from './candle.type.js';

@Resolver()
export class CandleResolver {
  @Query(() => [CandleType], { nullable: true })
  candles(
    @Ctx() context: ApiContext,
    @Arg('symbol', () => String) symbol: string,
    @Arg('interval', () => String, { nullable: true, defaultValue: INTERVAL_DEFAULT }) interval: Optional<string>,
    @Arg('from', () => DateTime, { nullable: true }) from: Optional<Instant>,
    @Arg('before', () => DateTime, { nullable: true }) before: Optional<Instant>,
    @Arg('last', () => Int, { nullable: true, defaultValue: 500 }) last: Optional<number>,
  ): Promise<CandleType[]> {
    return candlesOf(context, { symbol, interval, from, before, last });
  }

  @Subscription(() => CandleType, {
    subscribe: ({ args, context }) => updates(context as ApiContext, args as UpdateArguments),
  })
  candleUpdated(
    @Root() candle: MarketCandle,
    @Arg('symbol', () => String) _symbol: string,
    @Arg('interval', () => String, { nullable: true, defaultValue: INTERVAL_DEFAULT }) _interval: Optional<string>,
  ): CandleType {
    return toCandle(candle);
  }
}

interface UpdateArguments {
  readonly symbol: string;
  readonly interval: Optional<string>;
}

async function updates(context: ApiContext, { symbol, interval }: UpdateArguments): Promise<Stream<MarketCandle>> {
  requireViewer(context);
  return context.deps.live.candles(symbolOf(symbol), intervalOf(interval ?? INTERVAL_DEFAULT));
}
