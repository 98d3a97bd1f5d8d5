/** Brings a file to the newest schema: whoever comes first does it, in one transaction; a newer file is refused. */
import { PortError } from '../../errors.js';
import type { Connection } from './connection.js';

/** What a file holds: its tables, and the bytes of what stands in them. */
export interface Schema {
  /** Version that `versions` begins with: files of earlier ones cannot be brought on. */
  readonly first: number;
  /**
   * Statements of each version from `first` on. A version that has been released never changes: another layout or
   * another form of what is stored is a new version.
   */
  readonly versions: readonly (readonly string[])[];
}

/** @throws PortError INVALID when the file was written by a newer version, or by one too old to be brought on. */
export async function migrate(connection: Connection, schema: Schema, file: string): Promise<void> {
  const known = schema.first + schema.versions.length - 1;
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
    if (stored > 0 && stored < schema.first) {
      throw new PortError(
        'INVALID',
        `${file} has schema ${stored}, but this version of Kairos reads ${schema.first} or later: start the version that made it, or name another DATA_DIR`,
      );
    }
    const isDone = Math.max(0, stored - schema.first + 1);
    for (const statement of schema.versions.slice(isDone).flat()) connection.run(statement);
    connection.run(`PRAGMA user_version = ${known}`);
  });
}

const versionOf = (connection: Connection): number => connection.get('PRAGMA user_version')![0] as number;
