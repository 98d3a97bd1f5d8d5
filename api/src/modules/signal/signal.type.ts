/** A signal as GraphQL shows it: a model's opinion of one symbol at one moment. */
import type { Instant, MarketRegime, SignalAction } from '@kairos/schema';
import { Field, Float, ID, ObjectType } from 'type-graphql';
import { DateTime, Decimal } from '../../graphql/scalars.js';
import { MarketRegimeEnum, SignalActionEnum } from '../enums.js';

@ObjectType('ModelVotes')
export class ModelVotesType {
  @Field(() => Float, { description: 'Predicted return over the horizon, as a fraction.' })
  linearRegression!: number;

  @Field(() => Float, { description: 'Share of neighbours that went up.' })
  knn!: number;

  @Field(() => MarketRegimeEnum)
  regime!: MarketRegime;
}

@ObjectType('Signal')
export class SignalType {
  /** True for what has just been published: its decisions follow by decisionMade. */
  isJustPublished!: boolean;

  @Field(() => ID)
  id!: string;

  @Field(() => String)
  symbol!: string;

  @Field(() => SignalActionEnum)
  action!: SignalAction;

  @Field(() => Float)
  confidence!: number;

  @Field(() => Decimal)
  price!: string;

  @Field(() => DateTime)
  time!: Instant;

  @Field(() => DateTime)
  receivedAt!: Instant;

  @Field(() => ModelVotesType, { nullable: true, description: 'Null for a signal that a third party published.' })
  votes!: ModelVotesType | null;

  @Field(() => String)
  source!: string;
}
