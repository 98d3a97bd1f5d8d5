/** The process behind `npm run schema`. */
import { emitSchema, SCHEMA_FILE } from './graphql/emit-schema.js';

await emitSchema();
process.stdout.write(`${SCHEMA_FILE}\n`);
