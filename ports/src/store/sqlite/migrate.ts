/** Brings a file to the newest schema: whoever comes first does it, in one transaction; a newer file is refused. */
import { PortError } from '../../errors.js';
import type { Connection } from './connection.js';

/** Statements of each version, from 1 on; a version that has been released never changes. */
export interface Schema {
  readonly versions: readonly (readonly string[])[];
}

/** @throws PortError INVALID when the file was written by a newer version. */
export async function migrate(connection: Connection, schema: Schema, file: string): Promise<void> {
  const known = schema.versions.length;
  const found = await connection.read('read its version', () => versionOf(connection));
  if (found === known) return;
  await connection.write('migrate', () => {
    const stored = versionOf(connection);
    if (stored > known) {
      throw new PortError(
        'INVALID',
        `${file} has schema ${stored}, but this version of Kairos knows ${known}: start the newer version again, or name another DATA_DIR`,
      );
    }
    for (const statement of schema.versions.slice(stored).flat()) connection.run(statement);
    connection.run(`PRAGMA user_version = ${known}`);
  });
}

const versionOf = (connection: Connection): number => connection.get('PRAGMA user_version')![0] as number;
