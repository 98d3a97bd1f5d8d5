/** The schema, built from the classes of `modules/`: the one list of resolvers. */
import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchema } from 'type-graphql';
import { resolvers } from '../modules/index.js';
import { AuthResolver } from '../modules/auth/auth.resolver.js';
import { UserResolver } from '../modules/user/user.resolver.js';

/** `instances` are resolvers that need more than the context; every other one is made when first needed. */
export function buildApiSchema(instances: readonly object[] = []): Promise<GraphQLSchema> {
  return buildSchema({
    resolvers: [AuthResolver, UserResolver, ...resolvers],
    container: createContainer(instances),
    validate: false,
  });
}

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
