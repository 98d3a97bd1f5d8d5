/** An account and how it trades, as GraphQL shows them. Decimals are their exact text, times epoch milliseconds. */
import type { AccountMode, FeedKind, Instant, TradingStatus } from '@kairos/schema';
import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import { DateTime, Decimal } from '../../graphql/scalars.js';
import { AccountModeEnum, FeedKindEnum, TradingStatusEnum } from '../enums.js';

@ObjectType('AccountSettings')
export class AccountSettingsType {
  @Field(() => [String])
  symbols!: readonly string[];

  @Field(() => Float, { description: '0..1; a signal below it is denied. Default 0.75.' })
  minConfidence!: number;

  @Field(() => Decimal, { description: 'Share of free cash put into one trade. Default 0.5.' })
  riskPerTrade!: string;

  @Field(() => Decimal, { description: 'Fee per side as a fraction. Default 0.001.' })
  commission!: string;

  @Field(() => Decimal, { description: 'Share of the price lost on every fill. Default 0.' })
  slippage!: string;

  @Field(() => Int)
  maxOpenPositions!: number;

  @Field(() => Decimal, { nullable: true, description: 'Fractions of the entry price; null = off.' })
  stopLoss!: string | null;

  @Field(() => Decimal, { nullable: true })
  takeProfit!: string | null;

  @Field(() => Decimal, { nullable: true })
  trailingStop!: string | null;

  @Field(() => Int, { description: 'No re-entry into a symbol for this long after a losing exit.' })
  cooldownSeconds!: number;

  @Field(() => Decimal, {
    nullable: true,
    description:
      "No new position once the UTC day's realized loss passes this fraction of the day's opening equity; null = off.",
  })
  dailyLossLimit!: string | null;

  @Field(() => Decimal, {
    nullable: true,
    description: 'No new position once equity is this fraction below its peak; null = off.',
  })
  maxDrawdown!: string | null;
}

@ObjectType('Account')
export class AccountType {
  @Field(() => ID)
  id!: string;

  @Field(() => String)
  name!: string;

  @Field(() => AccountModeEnum)
  mode!: AccountMode;

  @Field(() => FeedKindEnum, {
    description: 'The kind of prices its books were made on; books of different kinds never mix.',
  })
  feed!: FeedKind;

  @Field(() => TradingStatusEnum)
  status!: TradingStatus;

  @Field(() => String, {
    nullable: true,
    description: 'Who brought it into this status, why and when; null at first.',
  })
  statusChangedBy!: string | null;

  @Field(() => String, { nullable: true })
  statusReason!: string | null;

  @Field(() => DateTime, { nullable: true })
  statusChangedAt!: Instant | null;

  @Field(() => String)
  quoteCurrency!: string;

  @Field(() => Decimal)
  initialBalance!: string;

  @Field(() => Decimal, { description: 'Free cash in the quote currency.' })
  cash!: string;

  @Field(() => Decimal, { description: 'initialBalance + realizedPnl.' })
  balance!: string;

  @Field(() => Decimal, {
    description: 'Cash plus the market value of open positions = balance + unrealizedPnl - openEntryFees, exactly.',
  })
  equity!: string;

  @Field(() => Decimal)
  openEntryFees!: string;

  @Field(() => AccountSettingsType)
  settings!: AccountSettingsType;

  @Field(() => Int, { description: "The account's newest event. Counts up by one per event, without a gap." })
  seq!: number;

  @Field(() => DateTime)
  createdAt!: Instant;
}

@InputType('AccountSettingsInput', { description: 'Left out = unchanged, null = off.' })
export class AccountSettingsInput {
  @Field(() => [String], { nullable: true })
  symbols?: string[] | null;

  @Field(() => Float, { nullable: true })
  minConfidence?: number | null;

  @Field(() => Decimal, { nullable: true })
  riskPerTrade?: string | null;

  @Field(() => Decimal, { nullable: true })
  commission?: string | null;

  @Field(() => Decimal, { nullable: true })
  slippage?: string | null;

  @Field(() => Int, { nullable: true })
  maxOpenPositions?: number | null;

  @Field(() => Decimal, { nullable: true })
  stopLoss?: string | null;

  @Field(() => Decimal, { nullable: true })
  takeProfit?: string | null;

  @Field(() => Decimal, { nullable: true })
  trailingStop?: string | null;

  @Field(() => Int, { nullable: true })
  cooldownSeconds?: number | null;

  @Field(() => Decimal, { nullable: true })
  dailyLossLimit?: string | null;

  @Field(() => Decimal, { nullable: true })
  maxDrawdown?: string | null;
}
