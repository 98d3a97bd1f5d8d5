import type { Role } from '@kairos/ports';
import { ROLES } from '@kairos/ports';
import type { Instant } from '@kairos/schema';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars.js';

/** The roles as a GraphQL enum. */
export const RoleEnum = Object.fromEntries(ROLES.map((role) => [role, role])) as { [R in Role]: R };
registerEnumType(RoleEnum, { name: 'Role' });

@ObjectType()
export class User {
  @Field(() => ID)
  id: string;

  @Field(() => String)
  username: string;

  @Field(() => RoleEnum)
  role: Role;

  @Field(() => DateTime)
  createdAt: Instant;

  @Field(() => Boolean, { description: 'True while the password is one that others know.' })
  mustChangePassword: boolean;

  /** Not shown: accounts that it may read. */
  grantedAccountIds: readonly string[];
}
