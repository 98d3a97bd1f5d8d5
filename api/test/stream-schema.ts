/** A schema to try the server with: streams that a test drives, and resolvers that fail in every way. */
import { GraphQLError, GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import type { ApiContext } from '../src/context.js';
import { ConflictError, NotFoundError } from '../src/graphql/errors.js';
import { requireViewer } from '../src/graphql/guards.js';

export interface StreamProbe {
  /** Frames that were pulled from the source so far. */
  pulled: number;
  /** Streams that were begun, and that have ended. */
  begun: number;
  ended: number;
}

export function createStreamSchema(frameBytes = 1): { readonly schema: GraphQLSchema; readonly probe: StreamProbe } {
  const probe: StreamProbe = { pulled: 0, begun: 0, ended: 0 };
  const frame = 'x'.repeat(frameBytes);

  async function* frames(count: number) {
    probe.begun++;
    try {
      for (let i = 0; i < count; i++) {
        probe.pulled++;
        yield { frames: frame };
      }
    } finally {
      probe.ended++;
    }
  }
  const silence = () => {
    let end: (value: IteratorResult<never>) => void = () => undefined;
    probe.begun++;
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: () => new Promise<IteratorResult<never>>((resolve) => (end = resolve)),
      async return() {
        probe.ended++;
        end({ value: undefined, done: true } as IteratorResult<never>);
        return { value: undefined, done: true } as IteratorResult<never>;
      },
    };
  };
  async function* failing(error: Error) {
    yield { fails: 'once' };
    throw error;
  }
  const errors: Record<string, () => Error> = {
    plain: () => new Error('secret path /etc/passwd'),
    conflict: () => new ConflictError('Query and subscribe again.'),
    graphql: () => new GraphQLError('secret inside'),
    missing: () => new NotFoundError('This trade'),
  };
  const errorOf = (kind: string): Error => errors[kind]?.() ?? new Error(kind);
  const kind = { kind: { type: GraphQLString } };

  const schema = new GraphQLSchema({
    query: new GraphQLObjectType<unknown, ApiContext>({
      name: 'Query',
      fields: {
        me: { type: GraphQLString, resolve: (_root, _args, context) => requireViewer(context).username },
        transport: {
          type: GraphQLString,
          resolve: (_root, _args, { transport }) => `${transport.kind} ${transport.refreshToken}`,
        },
        fails: {
          type: GraphQLString,
          args: kind,
          resolve: (_root, args: { kind: string }) => {
            throw errorOf(args.kind);
          },
        },
        whole: { type: GraphQLInt, args: { n: { type: GraphQLInt } }, resolve: () => 1 },
        slow: { type: GraphQLString, resolve: () => new Promise(() => undefined) },
      },
    }),
    subscription: new GraphQLObjectType<unknown, ApiContext>({
      name: 'Subscription',
      fields: {
        frames: {
          type: GraphQLString,
          args: { count: { type: GraphQLInt } },
          subscribe: (_root, args: { count: number }) => frames(args.count),
        },
        silence: { type: GraphQLString, subscribe: () => silence() },
        fails: {
          type: GraphQLString,
          args: kind,
          subscribe: (_root, args: { kind: string }) => failing(errorOf(args.kind)),
        },
        refuses: {
          type: GraphQLString,
          args: kind,
          subscribe: (_root, args: { kind: string }) => {
            throw errorOf(args.kind);
          },
        },
      },
    }),
  });
  return { schema, probe };
}
