/** Query and stream of how everything is. */
import { Ctx, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { ApiContext } from '../../context.js';
import { requireViewer } from '../../graphql/guards.js';
import type { Stream } from '../../live/channel.js';
import type { SystemState } from '../../live/system-state.js';
import { toSystemStatus } from './system.query.js';
import { SystemStatusType } from './system.type.js';

@Resolver()
export class SystemResolver {
  @Query(() => SystemStatusType, { nullable: true })
  system(@Ctx() context: ApiContext): SystemStatusType {
    requireViewer(context);
    return toSystemStatus(context.deps.live.system());
  }

  @Subscription(() => SystemStatusType, {
    description: 'On change and at least every 2 s.',
    subscribe: ({ context }) => changes(context as ApiContext),
  })
  systemChanged(@Root() state: SystemState): SystemStatusType {
    return toSystemStatus(state);
  }
}

function changes(context: ApiContext): Stream<SystemState> {
  requireViewer(context);
  return context.deps.live.systemStates();
}
