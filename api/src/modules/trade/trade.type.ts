/** A trade as GraphQL shows it: from entry to flat. */
import type { ExitReason, Instant, MarketRegime, Trade, TradeStatus } from '@kairos/schema';
import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import { DateTime, Decimal } from '../../graphql/scalars.js';
import { ExitReasonEnum, MarketRegimeEnum, TradeActionEnum, TradeStatusEnum } from '../enums.js';

@ObjectType('Trade')
export class TradeType {
  /** What it was made from: the fields that need prices or signals are resolved from it. */
  source!: Trade;

  @Field(() => ID)
  id!: string;

  @Field(() => ID, { nullable: true, description: 'Null in a backtest.' })
  accountId!: string | null;

  @Field(() => Int, { description: 'The account event that last changed it.' })
  seq!: number;

  @Field(() => String)
  symbol!: string;

  @Field(() => TradeActionEnum)
  action!: 'BUY' | 'SELL';

  @Field(() => TradeStatusEnum)
  status!: TradeStatus;

  @Field(() => Decimal)
  amount!: string;

  @Field(() => Decimal)
  entryPrice!: string;

  @Field(() => Decimal, { description: 'amount * entryPrice, without the fee.' })
  cost!: string;

  @Field(() => Decimal)
  entryFee!: string;

  @Field(() => DateTime)
  entryTime!: Instant;

  @Field(() => Float, { description: 'Confidence of the entry signal, 0..1.' })
  confidence!: number;

  @Field(() => MarketRegimeEnum, { nullable: true })
  regime!: MarketRegime | null;

  @Field(() => Decimal, { nullable: true })
  stopLossPrice!: string | null;

  @Field(() => Decimal, { nullable: true })
  takeProfitPrice!: string | null;

  @Field(() => Decimal, { nullable: true })
  exitPrice!: string | null;

  @Field(() => Decimal, { nullable: true })
  revenue!: string | null;

  @Field(() => Decimal, { nullable: true })
  exitFee!: string | null;

  @Field(() => DateTime, { nullable: true })
  exitTime!: Instant | null;

  @Field(() => ExitReasonEnum, { nullable: true })
  exitReason!: ExitReason | null;

  @Field(() => Decimal, {
    nullable: true,
    description: 'Realized: revenue - exitFee - cost - entryFee. Null while open.',
  })
  pnl!: string | null;

  @Field(() => Float, { nullable: true, description: 'pnl / (cost + entryFee) * 100.' })
  pnlPercent!: number | null;

  @Field(() => ID, { nullable: true })
  exitCommandId!: string | null;
}

@InputType('TradeFilter')
export class TradeFilter {
  @Field(() => TradeStatusEnum, { nullable: true })
  status?: TradeStatus | null;

  @Field(() => [String], { nullable: true })
  symbols?: string[] | null;

  @Field(() => [ExitReasonEnum], { nullable: true })
  exitReasons?: ExitReason[] | null;

  @Field(() => DateTime, { nullable: true, description: 'By entry time.' })
  from?: Instant | null;

  @Field(() => DateTime, { nullable: true })
  to?: Instant | null;

  @Field(() => Boolean, { nullable: true })
  profitable?: boolean | null;
}
