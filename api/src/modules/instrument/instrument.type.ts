/** A traded pair as GraphQL shows it. */
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Decimal } from '../../graphql/scalars.js';

@ObjectType('Instrument')
export class InstrumentType {
  @Field(() => ID)
  symbol!: string;

  @Field(() => String)
  base!: string;

  @Field(() => String)
  quote!: string;

  @Field(() => Int)
  priceDecimals!: number;

  @Field(() => Int)
  amountDecimals!: number;

  @Field(() => Decimal, { nullable: true })
  minOrderValue!: string | null;
}
