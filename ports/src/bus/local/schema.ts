/** Tables of the bus file, made by whoever comes first. */
import type { Topic } from '@kairos/schema';
import { PortError } from '../../errors.js';
import { ALL_TOPICS } from '../common/partition-count.js';
import type { Database } from './database.js';

/** Of the layout below: another one is refused rather than misread. */
export const LAYOUT_VERSION = 1;

/**
 * `records.id` is slot * 2^40 + offset, so that a partition is one range of the table. `groups.state` is JSON.
 * Nothing is counted anywhere: a partition's ends are its first and last record.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS topics (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE IF NOT EXISTS records (
    id INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, key BLOB, value BLOB NOT NULL, crc INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS groups (id TEXT PRIMARY KEY, state BLOB NOT NULL, crc INTEGER NOT NULL);
`;

/**
 * Makes what is missing and returns the number of each topic.
 *
 * @throws PortError INVALID when the file was made with another layout or partition count.
 */
export function prepareSchema(database: Database, partitions: number): ReadonlyMap<Topic, number> {
  return database.write(() => {
    database.exec(TABLES);
    const version = settle(database, 'layout', LAYOUT_VERSION);
    if (version !== LAYOUT_VERSION) {
      throw new PortError(
        'INVALID',
        `expected layout ${LAYOUT_VERSION} in ${database.file}, found ${version}: use the version of Kairos that made it`,
      );
    }
    const stored = settle(database, 'partitions', partitions);
    if (stored !== partitions) {
      throw new PortError(
        'INVALID',
        `expected ${stored} partitions per topic, as ${database.file} was made with, found ${partitions}: ` +
          `set KAFKA_PARTITIONS=${stored}, or begin with an empty DATA_DIR`,
      );
    }
    return numberTopics(database);
  });
}

/** The stored value of a setting; the given one from now on where there is none. */
function settle(database: Database, name: string, value: number): number {
  database.prepare('INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING').run([name, value]);
  return database.prepare('SELECT value FROM settings WHERE name = ?').all([name])[0]![0] as number;
}

function numberTopics(database: Database): ReadonlyMap<Topic, number> {
  const add = database.prepare('INSERT INTO topics (name) VALUES (?) ON CONFLICT DO NOTHING');
  const find = database.prepare('SELECT id FROM topics WHERE name = ?');
  return new Map(
    ALL_TOPICS.map((topic) => {
      add.run([topic]);
      return [topic, find.all([topic])[0]![0] as number];
    }),
  );
}
