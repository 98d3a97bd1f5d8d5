/** Typed GraphQL documents: types come from `graphql-env.d.ts`, generated from the SDL by `npm run types -w web`. */
import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './graphql-env.js';

export const graphql = initGraphQLTada<{
  introspection: introspection;
  disableMasking: true;
  scalars: { Decimal: string; DateTime: string; ID: string };
}>();

export type { ResultOf, VariablesOf } from 'gql.tada';
