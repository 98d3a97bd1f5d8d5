/** Query, fields and the stream of signals. */
import type { StoredSignal } from '@kairos/ports';
import type { Instant, SignalAction } from '@kairos/schema';
import { Arg, Ctx, FieldResolver, Float, Int, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { ApiContext } from '../../context.js';
import { requireViewer } from '../../graphql/guards.js';
import { DateTime } from '../../graphql/scalars.js';
import type { Stream } from '../../live/channel.js';
import type { Optional } from '../arguments.js';
import { symbolsOf } from '../arguments.js';
import { toDecision } from '../decision/decision.query.js';
import { DecisionType } from '../decision/decision.type.js';
import { SignalActionEnum } from '../enums.js';
import { forget } from '../memo.js';
import type { Connection } from '../paging.js';
import { connectionOf } from '../paging.js';
import { decisionsOfSignal, signalsOf, toSignal } from './signal.query.js';
import { SignalType } from './signal.type.js';

const SignalConnection = connectionOf('Signal', () => SignalType);

@Resolver(() => SignalType)
export class SignalResolver {
  @Query(() => SignalConnection, { nullable: true })
  signals(
    @Ctx() context: ApiContext,
    @Arg('symbols', () => [String], { nullable: true }) symbols: Optional<string[]>,
    @Arg('action', () => SignalActionEnum, { nullable: true }) action: Optional<SignalAction>,
    @Arg('minConfidence', () => Float, { nullable: true }) minConfidence: Optional<number>,
    @Arg('from', () => DateTime, { nullable: true }) from: Optional<Instant>,
    @Arg('to', () => DateTime, { nullable: true }) to: Optional<Instant>,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20 }) first: Optional<number>,
    @Arg('after', () => String, { nullable: true }) after: Optional<string>,
  ): Promise<Connection<SignalType>> {
    return signalsOf(context, { symbols, action, minConfidence, from, to, first, after });
  }

  @Subscription(() => SignalType, {
    subscribe: ({ args, context }) => published(context as ApiContext, args as { symbols: Optional<string[]> }),
  })
  signalPublished(
    @Root() signal: StoredSignal,
    @Ctx() context: ApiContext,
    @Arg('symbols', () => [String], { nullable: true }) _symbols: Optional<string[]>,
  ): SignalType {
    forget(context);
    return toSignal(signal, true);
  }

  @FieldResolver(() => [DecisionType], {
    description:
      'Of the accounts that the viewer may see. Empty at the moment of signalPublished: decisionMade follows.',
  })
  async decisions(@Root() signal: SignalType, @Ctx() context: ApiContext): Promise<DecisionType[]> {
    if (signal.isJustPublished) return [];
    return (await decisionsOfSignal(context, signal.id)).map((decision) => toDecision(decision));
  }
}

function published(context: ApiContext, { symbols }: { readonly symbols: Optional<string[]> }): Stream<StoredSignal> {
  requireViewer(context);
  return context.deps.live.signals(symbolsOf(symbols) ?? null);
}
