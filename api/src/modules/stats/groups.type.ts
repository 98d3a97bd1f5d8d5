/** Performance by group as GraphQL shows it. */
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Decimal } from '../../graphql/scalars.js';

@ObjectType('GroupStats', { description: 'Closed trades that have something in common.' })
export class GroupStatsType {
  @Field(() => String, {
    description:
      'The symbol, exit reason or regime (UNKNOWN where a trade has none), the day (2024-08-05), the Monday of the week, or the month (2024-08), in UTC by exit.',
  })
  group!: string;

  @Field(() => Int)
  closedTrades!: number;

  @Field(() => Int)
  wins!: number;

  @Field(() => Int)
  losses!: number;

  @Field(() => Decimal)
  realizedPnl!: string;

  @Field(() => Float, { nullable: true })
  winRate!: number | null;

  @Field(() => Float, { nullable: true, description: 'Null without a losing trade.' })
  profitFactor!: number | null;
}
