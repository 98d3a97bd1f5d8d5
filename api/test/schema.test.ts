import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { GraphQLField, GraphQLInputField, GraphQLNamedType, GraphQLSchema } from 'graphql';
import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildApiSchema } from '../src/graphql/build-schema.js';
import { SCHEMA_FILE, schemaText } from '../src/graphql/emit-schema.js';

const CONTRACT = fileURLToPath(new URL('../../../shared/contract/schema.graphql', import.meta.url));
const isContractHere = existsSync(CONTRACT);
if (!isContractHere) process.stderr.write(`SKIPPED: the contract is not at ../shared/contract/schema.graphql\n`);

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await buildApiSchema();
});

/** A schema as lines, one per thing that a client can rely on. */
function promises(of: GraphQLSchema): string[] {
  const own = Object.values(of.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
  return own.flatMap(promisesOfType).sort();
}

function promisesOfType(type: GraphQLNamedType): string[] {
  const kind = `${type.constructor.name} ${type.name}`;
  if (isEnumType(type)) return [kind, ...type.getValues().map((value) => `${type.name}.${value.name}`)];
  if (isInputObjectType(type)) {
    return [kind, ...Object.values(type.getFields()).map((field) => `${type.name}.${inputField(field)}`)];
  }
  if (isObjectType(type)) {
    return [kind, ...Object.values(type.getFields()).flatMap((field) => promisesOfField(type.name, field))];
  }
  return [kind];
}

const inputField = (field: GraphQLInputField): string =>
  `${field.name}: ${field.type.toString()} = ${JSON.stringify(field.defaultValue)}`;

const promisesOfField = (owner: string, field: GraphQLField<unknown, unknown>): string[] => [
  `${owner}.${field.name}: ${field.type.toString()}`,
  ...field.args.map(
    (arg) => `${owner}.${field.name}(${arg.name}: ${arg.type.toString()} = ${JSON.stringify(arg.defaultValue)})`,
  ),
];

describe('the schema', () => {
  it('is committed as the classes say', async () => {
    expect(await readFile(SCHEMA_FILE, 'utf8')).toBe(schemaText(schema));
  });

  it.skipIf(!isContractHere && !process.env['CI'])('contains the whole contract, under the same names', async () => {
    const own = new Set(promises(schema));
    const missing = promises(buildSchema(await readFile(CONTRACT, 'utf8'))).filter((promise) => !own.has(promise));
    expect(missing).toEqual([]);
  });

  it.skipIf(!isContractHere && !process.env['CI'])(
    'asks of what the contract names for no argument that it does not know',
    async () => {
      const contract = new Set(promises(buildSchema(await readFile(CONTRACT, 'utf8'))));
      const demanded = promises(schema).filter((promise) => /\(.*!( = undefined)\)$/.test(promise));
      const fieldOf = (promise: string): string => promise.replace(/[(:].*$/, '');
      const named = new Set([...contract].map(fieldOf));
      expect(demanded.filter((promise) => named.has(fieldOf(promise)) && !contract.has(promise))).toEqual([]);
    },
  );
});
