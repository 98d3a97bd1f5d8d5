/** Query of the equity curve. */
import type { Instant } from '@kairos/schema';
import { Arg, Ctx, ID, Int, Query, Resolver } from 'type-graphql';
import type { ApiContext } from '../../context.js';
import { DateTime } from '../../graphql/scalars.js';
import type { Optional } from '../arguments.js';
import { equityCurveOf } from './equity.query.js';
import { EquityPointType } from './equity.type.js';

@Resolver()
export class EquityResolver {
  @Query(() => [EquityPointType], {
    nullable: true,
    description: 'At most maxPoints points, thinned without losing extremes.',
  })
  equityCurve(
    @Ctx() context: ApiContext,
    @Arg('accountId', () => ID, { nullable: true }) accountId: Optional<string>,
    @Arg('from', () => DateTime, { nullable: true }) from: Optional<Instant>,
    @Arg('to', () => DateTime, { nullable: true }) to: Optional<Instant>,
    @Arg('maxPoints', () => Int, { nullable: true, defaultValue: 500 }) maxPoints: Optional<number>,
  ): Promise<EquityPointType[]> {
    return equityCurveOf(context, { accountId, from, to, maxPoints });
  }
}
