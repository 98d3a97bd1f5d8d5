/** Tables of the bus file, made by whoever comes first. */
import { isUtf8 } from 'node:buffer';
import { PortError } from '../../errors.js';
import type { Database } from './database.js';

/** Of the layout below: another one is refused rather than misread. */
export const LAYOUT_VERSION = 1;

/** `records.id` is slot * 2^40 + offset, so that a partition is one range of the table. `groups.state` is JSON. */
const TABLES = `
  CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS records (
    id INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, key BLOB, value BLOB NOT NULL, crc INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS ends (
    slot INTEGER PRIMARY KEY, earliest INTEGER NOT NULL, next INTEGER NOT NULL, crc INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS groups (id TEXT PRIMARY KEY, state BLOB NOT NULL, crc INTEGER NOT NULL);
`;

const SMALL_TABLES = ['settings', 'ends', 'groups'];

/**
 * Makes what is missing.
 *
 * @throws PortError INVALID when the file was made with another layout or partition count, CORRUPT when one of the
 *   small tables is damaged. Records are too many to look at now: they are checked when they are read.
 */
export function prepareSchema(database: Database, partitions: number): void {
  database.write(() => {
    checkNames(database);
    database.exec(TABLES);
    for (const table of SMALL_TABLES) check(database, table);
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
  });
}

/** libsql ends the process over names that are not UTF-8, so damaged ones must be found before they are used. */
function checkNames(database: Database): void {
  const rows = database.prepare('SELECT CAST(name AS BLOB), CAST(sql AS BLOB) FROM sqlite_schema').all([]);
  const texts = rows.flat().filter((text) => text !== null);
  if (texts.every((text) => text instanceof Uint8Array && isUtf8(text))) return;
  throw new PortError(
    'CORRUPT',
    `expected a bus file, found damaged tables in ${database.file}: restore it from a backup, or move it away`,
  );
}

function check(database: Database, table: string): void {
  const [found] = database.prepare(`PRAGMA integrity_check(${table})`).all([])[0]!;
  if (found === 'ok') return;
  throw new PortError(
    'CORRUPT',
    `expected table ${table} in ${database.file} to be sound, found: ${String(found)}: ` +
      'restore the bus file from a backup, or move it away',
  );
}

/** The stored value of a setting; the given one from now on where there is none. */
function settle(database: Database, name: string, value: number): number {
  database.prepare('INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING').run([name, value]);
  return database.prepare('SELECT CAST(value AS INTEGER) FROM settings WHERE name = ?').all([name])[0]![0] as number;
}
