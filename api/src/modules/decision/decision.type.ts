/** A decision as GraphQL shows it: what became of a signal for one account. */
import type { Decision, DecisionOutcome, DenialReason, Instant, Trade } from '@kairos/schema';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { DateTime, Decimal } from '../../graphql/scalars.js';
import { DecisionOutcomeEnum, DenialReasonEnum } from '../enums.js';

@ObjectType('Decision')
export class DecisionType {
  /** What it was made from. */
  source!: Decision;
  /** Its trade, where it is at hand. */
  knownTrade!: Trade | null;

  @Field(() => ID)
  id!: string;

  @Field(() => ID)
  accountId!: string;

  @Field(() => Int)
  seq!: number;

  @Field(() => DecisionOutcomeEnum)
  outcome!: DecisionOutcome;

  @Field(() => DenialReasonEnum, { nullable: true })
  reason!: DenialReason | null;

  @Field(() => Decimal, {
    nullable: true,
    description: 'What was compared and with which limit at that moment, e.g. 0.71 and 0.75.',
  })
  observed!: string | null;

  @Field(() => Decimal, { nullable: true })
  limit!: string | null;

  @Field(() => DateTime)
  time!: Instant;
}
