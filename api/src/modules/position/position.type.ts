/** An open position as GraphQL shows it. */
import type { Instant } from '@kairos/schema';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { DateTime, Decimal } from '../../graphql/scalars.js';

@ObjectType('Position')
export class PositionType {
  @Field(() => ID, { description: "The trade's id." })
  id!: string;

  @Field(() => String)
  symbol!: string;

  @Field(() => Decimal)
  amount!: string;

  @Field(() => Decimal)
  entryPrice!: string;

  @Field(() => Decimal, { description: 'Newest price known, also over restarts; at first the entry price.' })
  currentPrice!: string;

  @Field(() => DateTime, { nullable: true, description: 'Null while only the entry price is known.' })
  priceTime!: Instant | null;

  @Field(() => Decimal)
  currentValue!: string;

  @Field(() => Decimal, { description: 'currentValue - cost.' })
  unrealizedPnl!: string;

  @Field(() => Float)
  unrealizedPnlPercent!: number;

  @Field(() => Float)
  confidence!: number;

  @Field(() => DateTime)
  openedAt!: Instant;

  @Field(() => Int)
  heldSeconds!: number;

  @Field(() => Decimal, { nullable: true })
  stopLossPrice!: string | null;

  @Field(() => Decimal, { nullable: true })
  takeProfitPrice!: string | null;
}
