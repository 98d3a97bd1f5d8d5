/** Queries of accounts. */
import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { ApiContext } from '../../context.js';
import type { Optional } from '../arguments.js';
import { accountOf, accountsOf } from './account.query.js';
import { AccountType } from './account.type.js';

@Resolver()
export class AccountResolver {
  @Query(() => [AccountType], { nullable: true })
  accounts(@Ctx() context: ApiContext): Promise<AccountType[]> {
    return accountsOf(context);
  }

  @Query(() => AccountType, { nullable: true })
  account(
    @Ctx() context: ApiContext,
    @Arg('id', () => ID, { nullable: true }) id: Optional<string>,
  ): Promise<AccountType> {
    return accountOf(context, id);
  }
}
