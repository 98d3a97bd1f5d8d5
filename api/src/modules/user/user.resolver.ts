import { Ctx, Query, Resolver } from 'type-graphql';
import type { ApiContext } from '../../context.js';
import { requireViewer } from '../../graphql/guards.js';
import { UnauthenticatedError } from '../../graphql/errors.js';
import { User } from './user.type.js';

@Resolver(() => User)
export class UserResolver {
  @Query(() => User)
  async me(@Ctx() context: ApiContext): Promise<User> {
    const user = await context.deps.store.app.users.byId(requireViewer(context).userId);
    if (!user) throw new UnauthenticatedError();
    return user;
  }
}
