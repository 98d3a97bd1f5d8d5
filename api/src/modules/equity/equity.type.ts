/** A point of the equity curve as GraphQL shows it. */
import type { Instant } from '@kairos/schema';
import { Field, Float, ObjectType } from 'type-graphql';
import { DateTime, Decimal } from '../../graphql/scalars.js';

@ObjectType('EquityPoint')
export class EquityPointType {
  @Field(() => DateTime)
  time!: Instant;

  @Field(() => Decimal)
  equity!: string;

  @Field(() => Decimal)
  balance!: string;

  @Field(() => Float)
  drawdownPercent!: number;
}
