/** The schema, built from the classes of `modules/`: the one list of resolvers. */
import 'reflect-metadata';
import { assert } from '@kairos/schema';
import type { GraphQLSchema } from 'graphql';
import type { PubSub } from 'type-graphql';
import { buildSchema } from 'type-graphql';
import { resolvers } from '../modules/index.js';
import { AuthResolver } from '../modules/auth/auth.resolver.js';
import { UserResolver } from '../modules/user/user.resolver.js';

/** `instances` are resolvers that need more than the context; every other one is made when first needed. */
export function buildApiSchema(instances: readonly object[] = []): Promise<GraphQLSchema> {
  return buildSchema({
    resolvers: [AuthResolver, UserResolver, ...resolvers],
    container: createContainer(instances),
    pubSub: noTopics,
    validate: false,
  });
}

/** Each subscription names its own stream: a topic would be a queue per subscriber that nothing bounds. */
const noTopics: PubSub = {
  publish: (topic) => assert(false, `nothing is published to the topic ${topic}`),
  subscribe: (topic) => {
    throw new Error(`expected a subscription with a stream of its own, found the topic ${topic}`);
  },
};

function createContainer(instances: readonly object[]) {
  const known = new Map<unknown, object>(instances.map((instance) => [instance.constructor, instance]));
  return {
    get(resolver: new () => object): object {
      const instance = known.get(resolver) ?? new resolver();
      known.set(resolver, instance);
      return instance;
    },
  };
}
