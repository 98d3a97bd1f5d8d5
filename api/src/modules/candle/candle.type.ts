/** A candle as GraphQL shows it. */
import type { Instant } from '@kairos/schema';
import { Field, ObjectType } from 'type-graphql';
import { DateTime, Decimal } from '../../graphql/scalars.js';

@ObjectType('Candle')
export class CandleType {
  @Field(() => String)
  symbol!: string;

  @Field(() => String)
  interval!: string;

  @Field(() => DateTime)
  time!: Instant;

  @Field(() => Decimal)
  open!: string;

  @Field(() => Decimal)
  high!: string;

  @Field(() => Decimal)
  low!: string;

  @Field(() => Decimal)
  close!: string;

  @Field(() => Decimal)
  volume!: string;

  @Field(() => Boolean)
  closed!: boolean;
}
