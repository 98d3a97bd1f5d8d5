import { Field, ObjectType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars.js';
import { User } from '../user/user.type.js';

@ObjectType()
export class AuthPayload {
  @Field(() => String)
  accessToken: string;

  @Field(() => DateTime, { description: 'When the access token ends.' })
  expiresAt: number;

  @Field(() => User)
  user: User;
}
