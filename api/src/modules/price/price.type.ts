/** A symbol's newest price as GraphQL shows it. */
import type { Instant } from '@kairos/schema';
import { Field, ObjectType } from 'type-graphql';
import { DateTime, Decimal } from '../../graphql/scalars.js';
import type { PriceState } from '../../live/price-state.js';

@ObjectType('Price')
export class PriceType {
  /** What it was made from. */
  source!: PriceState;

  @Field(() => String)
  symbol!: string;

  @Field(() => Decimal)
  price!: string;

  @Field(() => DateTime)
  time!: Instant;

  @Field(() => DateTime)
  receivedAt!: Instant;
}
