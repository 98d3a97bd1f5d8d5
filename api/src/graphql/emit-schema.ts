/** `npm run schema`: writes schema/schema.graphql from the classes, sorted, so that its changes can be reviewed. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { GraphQLSchema } from 'graphql';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { buildApiSchema } from './build-schema.js';

/** Where the schema is kept. */
export const SCHEMA_FILE = fileURLToPath(new URL('../../../schema/schema.graphql', import.meta.url));

const HEAD = '# Emitted from the classes of api/src/modules by "npm run schema". Do not edit.\n\n';

/** The text of the file. */
export const schemaText = (schema: GraphQLSchema): string => `${HEAD}${printSchema(lexicographicSortSchema(schema))}\n`;

export async function emitSchema(): Promise<void> {
  await writeFile(SCHEMA_FILE, schemaText(await buildApiSchema()));
}
