import { Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { ApiContext } from '../../context.js';
import { UnauthenticatedError } from '../../graphql/errors.js';
import { requireViewer } from '../../graphql/guards.js';
import { allAccounts } from '../account/account.access.js';
import { toAccount } from '../account/account.query.js';
import { AccountType } from '../account/account.type.js';
import { priceBooks } from '../valuation.js';
import { User } from './user.type.js';

@Resolver(() => User)
export class UserResolver {
  @Query(() => User)
  async me(@Ctx() context: ApiContext): Promise<User> {
    const user = await context.deps.store.app.users.byId(requireViewer(context).userId);
    if (!user) throw new UnauthenticatedError();
    return user;
  }

  @FieldResolver(() => [AccountType], {
    description: "The user's own accounts of this world, and those granted to it.",
  })
  async accounts(@Root() user: User, @Ctx() context: ApiContext): Promise<AccountType[]> {
    const [views, books] = await Promise.all([allAccounts(context), priceBooks(context)]);
    return views
      .filter(({ account }) => account.userId === user.id || user.grantedAccountIds.includes(account.id))
      .map((view) => toAccount(view, books));
  }
}
