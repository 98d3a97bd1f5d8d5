/** Looks at a world's journal file that other processes use, or that nobody uses, without writing a byte. */
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../clock/clock.js';
import type { StoreSurvey } from '../survey.js';
import type { Connection } from './connection.js';
import { openConnectionForReading } from './connection.js';
import { JOURNAL_SCHEMA } from './journal-schema.js';
import { noReserve } from './reserve.js';
import { createSqliteJournal } from './sqlite-journal.js';

/** Null while there is no such file. @throws PortError */
export async function surveySqliteStore(
  journalFile: string,
  { clock }: { readonly clock: Clock },
): Promise<StoreSurvey | null> {
  if (!existsSync(journalFile)) return null;
  const connection = openConnectionForReading(journalFile, { clock });
  const { head, read, snapshot } = createSqliteJournal({
    connection,
    apply: () => undefined,
    onCommit: () => undefined,
    reserve: noReserve,
  });
  return {
    async describe() {
      const { version, schema } = await connection.read('describe', () => versionsOf(connection));
      return {
        product: 'SQLite',
        version,
        detail: journalFile,
        fault: faultOfSchema(schema),
        world: null,
        shards: 1,
        freeBytes: await freeBytesOf(dirname(journalFile)),
      };
    },
    journal: { head, read, snapshot },
    close: async () => connection.close(),
  };
}

function versionsOf(connection: Connection) {
  const [version] = connection.get('SELECT sqlite_version()')!;
  const [schema] = connection.get('PRAGMA user_version')!;
  return { version: version as string, schema: schema as number };
}

/** An older one is brought on by the next start. */
function faultOfSchema(schema: number): string | null {
  const known = JOURNAL_SCHEMA.first + JOURNAL_SCHEMA.versions.length - 1;
  return schema > known ? `it has schema ${schema}, but this version of Kairos knows ${known}` : null;
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
