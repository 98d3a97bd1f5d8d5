/**
 * One connection to one SQLite file: WAL, synchronous FULL, statements prepared once. A file that is busy is asked
 * again for a bounded time without holding up the event loop.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import type { Clock } from '../../clock/clock.js';
import { PortError } from '../../errors.js';
import type { Log } from '../../log/log.js';
import type { CallRunner } from '../promised.js';
import type { Schema } from './migrate.js';
import { migrate } from './migrate.js';
import { BUSY_TIMEOUT_MS, createPatience, createTurns } from './patience.js';

/** The write-ahead log is cut back to this after a checkpoint. */
const WAL_BYTES_MAX = 64 * 1024 * 1024;
const CACHE_KIB = 32 * 1024;

/** What a statement takes. Never a boolean: the driver ends the process over one. */
export type SqlValue = string | number | null | Uint8Array;
/** A row as a list of its columns. */
export type SqlRow = readonly (string | number | Buffer | null)[];

export interface Connection {
  /** Path of the file. */
  readonly file: string;
  /** Runs a statement and returns how many rows it changed. */
  run(sql: string, values?: readonly SqlValue[]): number;
  all(sql: string, values?: readonly SqlValue[]): readonly SqlRow[];
  get(sql: string, values?: readonly SqlValue[]): SqlRow | undefined;
  /** Work that only reads; `what` it does is named in errors. */
  read: CallRunner;
  /** Work in one transaction that may write: all of it or nothing. */
  write: CallRunner;
  /** The work's statements all see the same state. Only inside `read`. */
  inSnapshot<T>(work: () => T): T;
  close(): void;
}

export interface ConnectionDeps {
  readonly clock: Clock;
  readonly log?: Log | undefined;
  /** Called before each statement that writes: what it throws stops the transaction there. For tests of faults. */
  readonly beforeStatement?: ((sql: string) => void) | undefined;
}

/** Opens the file, makes it if missing and brings it to the schema. @throws PortError */
export async function openConnection(file: string, schema: Schema, deps: ConnectionDeps): Promise<Connection> {
  const db = openFile(file);
  const connection = createConnection(db, file, deps);
  try {
    await connection.read('set up', () => {
      db.exec('PRAGMA journal_mode = WAL');
      db.exec(`PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${WAL_BYTES_MAX}`);
      db.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY`);
    });
    await migrate(connection, schema, file);
  } catch (error) {
    connection.close();
    throw error;
  }
  return connection;
}

/** Of a file that is there, whatever its schema; whatever would write it fails. @throws PortError */
export function openConnectionForReading(file: string, deps: ConnectionDeps): Connection {
  return createConnection(openAt(`${pathToFileURL(file).href}?mode=ro`, file), file, deps);
}

function openFile(file: string): Database.Database {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw new PortError('FULL', `cannot make ${file}: no room is left`, error);
    if (code !== 'EEXIST') {
      throw new PortError('INVALID', `cannot make ${file} (${code}): check its folder and permissions`, error);
    }
  }
  return openAt(file, file);
}

function openAt(address: string, file: string): Database.Database {
  try {
    return new Database(address, { timeout: BUSY_TIMEOUT_MS });
  } catch (error) {
    throw new PortError('INVALID', `cannot open ${file}: expected a file; check its folder and permissions`, error);
  }
}

function createConnection(
  db: Database.Database,
  file: string,
  { clock, log, beforeStatement }: ConnectionDeps,
): Connection {
  const statements = new Map<string, Database.Statement>();
  let isClosed = false;
  const patiently = createPatience({ clock, log, file, isClosed: () => isClosed });
  const inTurn = createTurns(patiently);

  const prepared = (sql: string): Database.Statement => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = db.prepare(sql);
    if (statement.reader) statement.raw(true);
    statements.set(sql, statement);
    return statement;
  };

  const inTransaction = <T>(mode: 'IMMEDIATE' | 'DEFERRED', work: () => T): T => {
    db.exec(`BEGIN ${mode}`);
    try {
      const answer = work();
      if (mode === 'IMMEDIATE') beforeStatement?.('COMMIT');
      db.exec('COMMIT');
      return answer;
    } finally {
      if (db.inTransaction) db.exec('ROLLBACK');
    }
  };

  const all: Connection['all'] = (sql, values = []) => prepared(sql).all(values as SqlValue[]) as SqlRow[];

  return {
    file,
    run(sql, values = []) {
      beforeStatement?.(sql);
      return prepared(sql).run(values as SqlValue[]).changes;
    },
    all,
    get: (sql, values) => all(sql, values)[0],
    read: patiently,
    write: (method, work) => inTurn(method, () => inTransaction('IMMEDIATE', work)),
    inSnapshot: (work) => inTransaction('DEFERRED', work),
    close() {
      if (isClosed) return;
      isClosed = true;
      statements.clear();
      db.close();
    },
  };
}
