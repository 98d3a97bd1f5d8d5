/** What is asked of the engine, and how far it is. */
import { Arg, Ctx, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { ApiContext } from '../../context.js';
import { BadInputError } from '../../graphql/errors.js';
import type { Stream } from '../../live/channel.js';
import type { CommandView } from '../../live/command-view.js';
import { AccountSettingsInput } from '../account/account.type.js';
import type { Optional } from '../arguments.js';
import { forget } from '../memo.js';
import { closePosition, panicStop, pauseOrResume, updateSettings } from './command.action.js';
import { commandOf, commandsOf, readableCommand, toCommand, visibleTo } from './command.query.js';
import { CommandType } from './command.type.js';

@Resolver()
export class CommandResolver {
  @Query(() => CommandType, { nullable: true })
  command(@Ctx() context: ApiContext, @Arg('id', () => ID) id: string): Promise<CommandType> {
    return commandOf(context, id);
  }

  @Query(() => [CommandType], { nullable: true })
  commands(
    @Ctx() context: ApiContext,
    @Arg('accountId', () => ID, { nullable: true }) accountId: Optional<string>,
    @Arg('last', () => Int, { nullable: true, defaultValue: 20 }) last: Optional<number>,
  ): Promise<CommandType[]> {
    return commandsOf(context, { accountId, last });
  }

  @Mutation(() => CommandType, {
    description:
      'Publishes STOP_BOT to crypto.commands: every open position is closed at once and nothing new is opened until resumeTrading.',
  })
  panicStop(
    @Ctx() context: ApiContext,
    @Arg('accountId', () => ID, { nullable: true }) accountId: Optional<string>,
    @Arg('reason', () => String, { nullable: true }) reason: Optional<string>,
  ): Promise<CommandType> {
    return panicStop(context, accountId, reason);
  }

  @Mutation(() => CommandType, { description: 'No new positions; what is open keeps its exits.' })
  pauseTrading(
    @Ctx() context: ApiContext,
    @Arg('accountId', () => ID, { nullable: true }) accountId: Optional<string>,
    @Arg('reason', () => String, { nullable: true }) reason: Optional<string>,
  ): Promise<CommandType> {
    return pauseOrResume(context, 'PAUSE_BOT', { accountId, reason });
  }

  @Mutation(() => CommandType)
  resumeTrading(
    @Ctx() context: ApiContext,
    @Arg('accountId', () => ID, { nullable: true }) accountId: Optional<string>,
    @Arg('reason', () => String, { nullable: true }) reason: Optional<string>,
    @Arg('code', () => String, { nullable: true }) code: Optional<string>,
  ): Promise<CommandType> {
    if (code) throw new BadInputError('code: expected none, as there is no second factor here. Leave it out.');
    return pauseOrResume(context, 'RESUME_BOT', { accountId, reason });
  }

  @Mutation(() => CommandType)
  closePosition(@Ctx() context: ApiContext, @Arg('tradeId', () => ID) tradeId: string): Promise<CommandType> {
    return closePosition(context, tradeId);
  }

  @Mutation(() => CommandType)
  updateSettings(
    @Ctx() context: ApiContext,
    @Arg('accountId', () => ID, { nullable: true }) accountId: Optional<string>,
    @Arg('settings', () => AccountSettingsInput) settings: AccountSettingsInput,
  ): Promise<CommandType> {
    return updateSettings(context, accountId, settings);
  }

  @Subscription(() => CommandType, {
    subscribe: ({ args, context }) => updates(context as ApiContext, (args as { id: string }).id),
  })
  async commandUpdated(
    @Root() view: CommandView,
    @Ctx() context: ApiContext,
    @Arg('id', () => ID) _id: string,
  ): Promise<CommandType> {
    forget(context);
    return toCommand((await visibleTo(context, view)) ?? (await readableCommand(context, view.command.id)));
  }
}

async function updates(context: ApiContext, id: string): Promise<Stream<CommandView>> {
  const { command } = await readableCommand(context, id);
  return context.deps.live.command(command.id);
}
