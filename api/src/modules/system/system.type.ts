/** How everything is, as GraphQL shows it. */
import type { FeedKind, Instant } from '@kairos/schema';
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars.js';
import { FeedKindEnum } from '../enums.js';

@ObjectType('ComponentHealth')
export class ComponentHealthType {
  @Field(() => String)
  name!: string;

  @Field(() => Boolean)
  healthy!: boolean;

  @Field(() => String)
  detail!: string;

  @Field(() => Float, { nullable: true })
  latencyMs!: number | null;

  @Field(() => Int, { nullable: true })
  lag!: number | null;

  @Field(() => DateTime, { nullable: true })
  lastSeen!: Instant | null;
}

@ObjectType('SystemStatus')
export class SystemStatusType {
  @Field(() => FeedKindEnum)
  feed!: FeedKind;

  @Field(() => String)
  feedName!: string;

  @Field(() => Float, { nullable: true })
  feedSpeed!: number | null;

  @Field(() => DateTime, { nullable: true })
  feedLastSeenAt!: Instant | null;

  @Field(() => DateTime, { nullable: true, description: 'A replay that has run out.' })
  feedEndedAt!: Instant | null;

  @Field(() => DateTime)
  serverTime!: Instant;

  @Field(() => DateTime, { nullable: true })
  worldTime!: Instant | null;

  @Field(() => Boolean)
  healthy!: boolean;

  @Field(() => [ComponentHealthType])
  components!: ComponentHealthType[];

  @Field(() => String)
  version!: string;
}
