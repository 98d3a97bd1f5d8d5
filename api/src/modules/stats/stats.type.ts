/** An account's statistics as GraphQL shows them. */
import type { Rating } from '@kairos/schema';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { Decimal } from '../../graphql/scalars.js';
import { RatingEnum } from '../enums.js';
import { TradeType } from '../trade/trade.type.js';

@ObjectType('Stats')
export class StatsType {
  @Field(() => ID, { nullable: true, description: 'Null in a backtest.' })
  accountId!: string | null;

  @Field(() => Int)
  totalTrades!: number;

  @Field(() => Int)
  openTrades!: number;

  @Field(() => Int)
  closedTrades!: number;

  @Field(() => Int, { description: 'pnl > 0, pnl < 0; a pnl of exactly 0 counts in closedTrades only.' })
  wins!: number;

  @Field(() => Int)
  losses!: number;

  @Field(() => Float, { nullable: true, description: 'wins / closedTrades; null before the first closed trade.' })
  winRate!: number | null;

  @Field(() => Decimal)
  initialBalance!: string;

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

  @Field(() => Decimal)
  feesPaid!: string;

  @Field(() => Decimal, { description: 'What was bought and sold, fees apart.' })
  volume!: string;

  @Field(() => Decimal, { nullable: true })
  averageWin!: string | null;

  @Field(() => Decimal, { nullable: true, description: 'Positive.' })
  averageLoss!: string | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'averageWin / averageLoss: what the replaced system called profit factor. Null without a losing trade.',
  })
  payoffRatio!: number | null;

  @Field(() => Float, { nullable: true, description: 'Gross profit / gross loss. Null without a losing trade.' })
  profitFactor!: number | null;

  @Field(() => RatingEnum)
  rating!: Rating;

  @Field(() => Decimal, { nullable: true, description: 'Mean PnL per closed trade.' })
  expectancy!: string | null;

  @Field(() => Decimal)
  maxDrawdown!: string;

  @Field(() => Float)
  maxDrawdownPercent!: number;

  @Field(() => TradeType, { nullable: true })
  bestTrade!: TradeType | null;

  @Field(() => TradeType, { nullable: true })
  worstTrade!: TradeType | null;

  @Field(() => Int, { nullable: true })
  averageHoldingSeconds!: number | null;

  @Field(() => Int)
  longestWinStreak!: number;

  @Field(() => Int)
  longestLossStreak!: number;

  @Field(() => Int, { description: 'Won trades in a row up to now; lost ones as a negative number.' })
  currentStreak!: number;

  @Field(() => Int, {
    description: 'Most days in a row with a closing equity below the highest before; the stretch under way included.',
  })
  longestDrawdownDays!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'From daily equity returns, annualised with 365 days, risk-free rate 0; null under 2 days.',
  })
  sharpeRatio!: number | null;

  @Field(() => Float, { nullable: true })
  sortinoRatio!: number | null;

  @Field(() => Float, { nullable: true, description: 'cagrPercent / maxDrawdownPercent.' })
  calmarRatio!: number | null;

  @Field(() => Float, { nullable: true })
  cagrPercent!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'System quality number: sqrt(trades) * mean / standard deviation of trade PnL.',
  })
  sqn!: number | null;

  @Field(() => Float, { nullable: true, description: 'Share of the span with a position open.' })
  exposure!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Two-sided t-test of the mean PnL per trade against zero; null under 5 closed trades.',
  })
  pValue!: number | null;
}
