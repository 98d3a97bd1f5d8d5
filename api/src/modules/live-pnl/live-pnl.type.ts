/** An account's live figures as GraphQL shows them. */
import type { AccountMode, DenialReason, Instant, TradingStatus } from '@kairos/schema';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { DateTime, Decimal } from '../../graphql/scalars.js';
import { AccountModeEnum, DenialReasonEnum, TradingStatusEnum } from '../enums.js';
import { PositionType } from '../position/position.type.js';

@ObjectType('EntryBlock', {
  description: 'A reason why nothing would be opened now; symbol null = for every symbol.',
})
export class EntryBlockType {
  @Field(() => String, { nullable: true })
  symbol!: string | null;

  @Field(() => DenialReasonEnum)
  reason!: DenialReason;

  @Field(() => DateTime, { nullable: true })
  until!: Instant | null;
}

@ObjectType('LivePnl', {
  description:
    'State, not fact: newest wins. Sent at once, on change at most four times a second, and at least every 2 s.',
})
export class LivePnlType {
  @Field(() => ID)
  accountId!: string;

  @Field(() => Int)
  seq!: number;

  @Field(() => DateTime)
  time!: Instant;

  @Field(() => DateTime)
  sentAt!: Instant;

  @Field(() => Int, {
    nullable: true,
    description: 'Wall-clock age of the newest price of any open or traded symbol; null before the first.',
  })
  priceAgeMs!: number | null;

  @Field(() => AccountModeEnum)
  mode!: AccountMode;

  @Field(() => TradingStatusEnum)
  status!: TradingStatus;

  @Field(() => Decimal)
  cash!: string;

  @Field(() => Decimal)
  balance!: string;

  @Field(() => Decimal)
  equity!: string;

  @Field(() => Decimal)
  realizedPnl!: string;

  @Field(() => Decimal)
  unrealizedPnl!: string;

  @Field(() => Decimal)
  openEntryFees!: string;

  @Field(() => Decimal, { description: 'Since 00:00 UTC world time: equity - dayOpeningEquity.' })
  todayPnl!: string;

  @Field(() => Float)
  todayPercent!: number;

  @Field(() => Decimal)
  dayOpeningEquity!: string;

  @Field(() => Int)
  totalTrades!: number;

  @Field(() => Int)
  openTrades!: number;

  @Field(() => Int)
  closedTrades!: number;

  @Field(() => Int)
  wins!: number;

  @Field(() => Int)
  losses!: number;

  @Field(() => Float, { nullable: true })
  winRate!: number | null;

  @Field(() => [PositionType])
  positions!: PositionType[];

  @Field(() => [EntryBlockType])
  entryBlocks!: EntryBlockType[];
}
