/** SQLite through libsql, as far as the bus needs it: typed rows, and every failure as a PortError. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import Libsql from 'libsql';
import { PortError } from '../../errors.js';

/** How long SQLite itself waits for another process's write, blocking this one. */
export const BUSY_TIMEOUT_MS = 100;
/** What the write-ahead log is cut back to once it has been carried over. */
const WAL_BYTES_KEPT = 64 * 1024 * 1024;
const PAGE_BYTES = 4096;

export type SqlValue = number | string | Uint8Array | null;
/** Columns that hold text are read as blobs: libsql ends the process over text that is not UTF-8. */
export type Row = readonly SqlValue[];

export interface Statement {
  all(values: readonly SqlValue[]): readonly Row[];
  run(values: readonly SqlValue[]): void;
}

export interface Database {
  readonly file: string;
  prepare(sql: string): Statement;
  exec(sql: string): void;
  /** Runs `work` in one transaction that nobody else writes in: all of it is stored, or none. */
  write<T>(work: () => T): T;
  /** Runs `work`, which only reads, against one state of the file. */
  snapshot<T>(work: () => T): T;
  /**
   * Carries the write-ahead log over into the file, where nobody else is at work; SQLite does so only when the last
   * connection ends, and libsql's do not end before their statements are collected.
   */
  carryOver(): void;
  close(): void;
}

/** Another process is writing: the same call may succeed in a moment, and nothing was done. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
}

/** Makes the file if missing. @throws PortError, BusyError */
export function openDatabase(file: string, bytesMax: number): Database {
  return wrap(openRaw(file), file, [
    `busy_timeout = ${BUSY_TIMEOUT_MS}`,
    'journal_mode = WAL',
    'synchronous = FULL',
    `journal_size_limit = ${WAL_BYTES_KEPT}`,
    `max_page_count = ${Math.floor(bytesMax / PAGE_BYTES)}`,
  ]);
}

/** Of a file that is there; whatever would write it fails. @throws PortError, BusyError */
export function openDatabaseForReading(file: string): Database {
  const options = { timeout: BUSY_TIMEOUT_MS };
  return wrap(
    guard(file, () => new Libsql(`${pathToFileURL(file).href}?mode=ro`, options)),
    file,
    [],
  );
}

function guard<T>(file: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw translated(error, file);
  }
}

function wrap(raw: Libsql.Database, file: string, pragmas: readonly string[]): Database {
  const guarded = <T>(call: () => T): T => guard(file, call);
  const exec = (sql: string): void => guarded(() => void raw.exec(sql));
  const pragma = (source: string): void => guarded(() => void raw.pragma(source));

  try {
    for (const source of pragmas) pragma(source);
  } catch (error) {
    raw.close();
    throw error;
  }

  const inTransaction = <T>(begin: string, work: () => T, end: () => void): T => {
    exec(begin);
    try {
      const result = work();
      end();
      return result;
    } catch (error) {
      if (raw.inTransaction) exec('ROLLBACK');
      throw error;
    }
  };

  return {
    file,
    exec,
    prepare(sql) {
      const statement = guarded(() => raw.prepare(sql));
      return {
        all: (values) => guarded(() => statement.raw(true).all([...values]) as Row[]),
        run: (values) => guarded(() => void statement.run([...values])),
      };
    },
    write: (work) => inTransaction('BEGIN IMMEDIATE', work, () => commit(exec)),
    snapshot: (work) => inTransaction('BEGIN', work, () => exec('COMMIT')),
    carryOver: () => pragma('wal_checkpoint(TRUNCATE)'),
    close() {
      raw.close();
    },
  };
}

function openRaw(file: string): Libsql.Database {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return new Libsql(file, { timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    throw new PortError('UNAVAILABLE', `cannot open the bus file ${file}: check that it may be written`, error);
  }
}

/** A failure that is neither "busy" nor "full" leaves open whether the commit happened. */
function commit(exec: (sql: string) => void): void {
  try {
    exec('COMMIT');
  } catch (error) {
    if (!(error instanceof PortError) || error.code !== 'UNAVAILABLE') throw error;
    throw new PortError('TIMEOUT', `${error.message}; what was being written may be there or not`, error);
  }
}

function translated(error: unknown, file: string): Error {
  if (!(error instanceof Libsql.SqliteError)) {
    return new PortError('UNAVAILABLE', `the bus file ${file} cannot be used: ${String(error)}`, error);
  }
  const { code, message } = error;
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return new BusyError(message, { cause: error });
  if (code === 'SQLITE_FULL') {
    return new PortError('FULL', `no room left for ${file}: free some space on its disk; nothing was written`, error);
  }
  if (/^SQLITE_(CORRUPT|NOTADB|CONSTRAINT)/.test(code)) {
    return new PortError(
      'CORRUPT',
      `${file} is damaged (${message}): restore it from a backup, or move it away`,
      error,
    );
  }
  return new PortError('UNAVAILABLE', `${file} cannot be read or written now (${code}: ${message})`, error);
}
