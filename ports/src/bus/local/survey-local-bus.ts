/** Looks at a bus file that other processes use, or that nobody uses, without writing a byte. */
import { existsSync } from 'node:fs';
import type { Topic } from '@kairos/schema';
import { SINGLE_PARTITION_TOPICS, TOPICS } from '@kairos/schema';
import type { Clock } from '../../clock/clock.js';
import type { BusSurvey } from '../survey.js';
import type { Database } from './database.js';
import { openDatabaseForReading } from './database.js';
import { createEnds } from './ends.js';
import { createGroups } from './groups.js';
import { createRead } from './read.js';
import { retrying } from './retrying.js';
import { slotOf } from './slots.js';

/** Null while there is no such file. @throws PortError */
export async function surveyLocalBus(file: string, { clock }: { readonly clock: Clock }): Promise<BusSurvey | null> {
  if (!existsSync(file)) return null;
  const database = await retrying(clock, () => openDatabaseForReading(file));
  try {
    return await retrying(clock, () => createSurvey(database, clock));
  } catch (error) {
    database.close();
    throw error;
  }
}

function createSurvey(database: Database, clock: Clock): BusSurvey {
  const ends = createEnds(database);
  const groups = createGroups(database);
  const read = createRead({ database, ends });
  const looking = <T>(work: () => T): Promise<T> => retrying(clock, () => database.snapshot(work));
  const partitions = numberIn(database, "SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'partitions'");
  const partitionsOf = (topic: Topic): number => (SINGLE_PARTITION_TOPICS.includes(topic) ? 1 : partitions);

  return {
    async describe() {
      const topics = Object.values(TOPICS).map((topic) => ({ topic, partitions: partitionsOf(topic) }));
      const version = await looking(() => textIn(database, 'SELECT CAST(sqlite_version() AS BLOB)'));
      return { product: 'embedded bus', version: `SQLite ${version}`, detail: database.file, topics };
    },
    offsets: (topic) =>
      looking(() =>
        Array.from({ length: partitionsOf(topic) }, (_, partition) => {
          return { topic, partition, ...ends.load(slotOf({ topic, partition })) };
        }),
      ),
    groups: () =>
      looking(() =>
        database
          .prepare('SELECT CAST(id AS BLOB) FROM groups ORDER BY id')
          .all([])
          .map(([id]) => {
            const groupId = Buffer.from(id as Uint8Array).toString('utf8');
            const { members, committed } = groups.load(groupId);
            return { groupId, members: members.length, committed };
          }),
      ),
    newest: (at, recordsMax) =>
      looking(() => {
        const { earliest, next } = ends.load(slotOf(at));
        const from = Math.max(earliest, next - recordsMax);
        return from === next ? [] : read(at, from, recordsMax).records;
      }),
    close: async () => database.close(),
  };
}

const numberIn = (database: Database, sql: string): number => database.prepare(sql).all([])[0]![0] as number;

const textIn = (database: Database, sql: string): string =>
  Buffer.from(database.prepare(sql).all([])[0]![0] as Uint8Array).toString('utf8');
