/** The stream of an account's live figures. */
import { Arg, ID, Resolver, Root, Subscription } from 'type-graphql';
import type { ApiContext } from '../../context.js';
import type { Stream } from '../../live/channel.js';
import type { PnlState } from '../../live/pnl-state.js';
import { readableAccount } from '../account/account.access.js';
import type { Optional } from '../arguments.js';
import { toLivePnl } from './live-pnl.query.js';
import { LivePnlType } from './live-pnl.type.js';

@Resolver()
export class LivePnlResolver {
  @Subscription(() => LivePnlType, {
    subscribe: ({ args, context }) => states(context as ApiContext, args as { accountId: Optional<string> }),
  })
  livePnl(
    @Root() state: PnlState,
    @Arg('accountId', () => ID, { nullable: true }) _accountId: Optional<string>,
  ): LivePnlType {
    return toLivePnl(state);
  }
}

async function states(
  context: ApiContext,
  { accountId }: { readonly accountId: Optional<string> },
): Promise<Stream<PnlState>> {
  const { account } = await readableAccount(context, accountId);
  return context.deps.live.pnl(account.id);
}
