/** Query of open positions. */
import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { ApiContext } from '../../context.js';
import type { Optional } from '../arguments.js';
import { positionsOf } from './position.query.js';
import { PositionType } from './position.type.js';

@Resolver()
export class PositionResolver {
  @Query(() => [PositionType], { nullable: true })
  positions(
    @Ctx() context: ApiContext,
    @Arg('accountId', () => ID, { nullable: true }) accountId: Optional<string>,
  ): Promise<PositionType[]> {
    return positionsOf(context, accountId);
  }
}
