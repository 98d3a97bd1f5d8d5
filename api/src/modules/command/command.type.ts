/** A command as GraphQL shows it: what was asked of the engine, and how far it is. */
import type { CommandStatus, CommandStepKind, Instant } from '@kairos/schema';
import { Field, ID, ObjectType } from 'type-graphql';
import { DateTime, Decimal } from '../../graphql/scalars.js';
import { CommandStatusEnum, CommandStepKindEnum } from '../enums.js';

@ObjectType('CommandStep')
export class CommandStepType {
  @Field(() => DateTime)
  time!: Instant;

  @Field(() => ID)
  accountId!: string;

  @Field(() => CommandStepKindEnum)
  kind!: CommandStepKind;

  @Field(() => ID, { nullable: true })
  tradeId!: string | null;

  @Field(() => String, { nullable: true })
  symbol!: string | null;

  @Field(() => Decimal, { nullable: true })
  price!: string | null;

  @Field(() => String, { nullable: true })
  error!: string | null;
}

@ObjectType('Command', {
  description: 'What was asked of the engine, and how far it is. A step per account and position; failures stay in it.',
})
export class CommandType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  action!: string;

  @Field(() => [ID])
  accountIds!: readonly string[];

  @Field(() => CommandStatusEnum)
  status!: CommandStatus;

  @Field(() => [CommandStepType])
  steps!: CommandStepType[];

  @Field(() => String, { nullable: true })
  issuedBy!: string | null;

  @Field(() => String, { nullable: true })
  reason!: string | null;

  @Field(() => DateTime)
  sentAt!: Instant;
}
