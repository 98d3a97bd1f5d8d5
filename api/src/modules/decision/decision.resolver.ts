/** Query, fields and the stream of decisions. */
import type { DecisionOutcome, DenialReason, Instant, TradingEvent } from '@kairos/schema';
import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { ApiContext } from '../../context.js';
import { NotFoundError } from '../../graphql/errors.js';
import { DateTime } from '../../graphql/scalars.js';
import type { Optional } from '../arguments.js';
import { DecisionOutcomeEnum, DenialReasonEnum } from '../enums.js';
import type { FactArguments } from '../facts.js';
import { factsOf } from '../facts.js';
import { forget } from '../memo.js';
import type { Connection } from '../paging.js';
import { connectionOf } from '../paging.js';
import { signalById } from '../signal/signal.query.js';
import { SignalType } from '../signal/signal.type.js';
import { toTrade, tradeById } from '../trade/trade.query.js';
import { TradeType } from '../trade/trade.type.js';
import { decisionsOf, toDecision } from './decision.query.js';
import { DecisionType } from './decision.type.js';

const DecisionConnection = connectionOf('Decision', () => DecisionType);

@Resolver(() => DecisionType)
export class DecisionResolver {
  @Query(() => DecisionConnection, { nullable: true })
  decisions(
    @Ctx() context: ApiContext,
    @Arg('accountId', () => ID, { nullable: true }) accountId: Optional<string>,
    @Arg('outcome', () => DecisionOutcomeEnum, { nullable: true }) outcome: Optional<DecisionOutcome>,
    @Arg('reasons', () => [DenialReasonEnum], { nullable: true }) reasons: Optional<DenialReason[]>,
    @Arg('from', () => DateTime, { nullable: true }) from: Optional<Instant>,
    @Arg('to', () => DateTime, { nullable: true }) to: Optional<Instant>,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20 }) first: Optional<number>,
    @Arg('after', () => String, { nullable: true }) after: Optional<string>,
  ): Promise<Connection<DecisionType>> {
    return decisionsOf(context, { accountId, outcome, reasons, from, to, first, after });
  }

  @Subscription(() => DecisionType, {
    subscribe: ({ args, context }) =>
      factsOf(context as ApiContext, args as FactArguments, (event) => event.decision !== null),
  })
  decisionMade(
    @Root() event: TradingEvent,
    @Ctx() context: ApiContext,
    @Arg('accountId', () => ID, { nullable: true }) _accountId: Optional<string>,
    @Arg('afterSeq', () => Int, { nullable: true }) _afterSeq: Optional<number>,
  ): DecisionType {
    forget(context);
    return toDecision(event.decision as NonNullable<TradingEvent['decision']>, event.trade);
  }

  @FieldResolver(() => SignalType)
  async signal(@Root() { source }: DecisionType, @Ctx() context: ApiContext): Promise<SignalType> {
    const signal = await signalById(context, source.signalId);
    if (!signal) throw new NotFoundError('The signal of this decision');
    return signal;
  }

  @FieldResolver(() => TradeType, { nullable: true })
  async trade(@Root() decision: DecisionType, @Ctx() context: ApiContext): Promise<TradeType | null> {
    const { tradeId } = decision.source;
    const trade = decision.knownTrade ?? (tradeId === null ? null : await tradeById(context, tradeId));
    return trade && toTrade(trade);
  }
}
