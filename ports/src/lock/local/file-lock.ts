/**
 * A lock on a file of its own, held through the kernel: a process that dies, however it dies, lets go of it at once.
 *
 * The file is an empty SQLite database on which the holder keeps an exclusive transaction open. Within one process two
 * locks on the same file exclude each other as well.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';
import type { Clock } from '../../clock/clock.js';
import { PortError } from '../../errors.js';
import type { Lock, LockHandle } from '../lock.js';
import { neverLost } from '../lock.js';

/** How often somebody who waits tries again. */
export const LOCK_POLL_MS = 100;

export interface FileLockOptions {
  /**
   * Path of the lock's own file, made if missing (its directory too). Nothing else may open it: on POSIX systems a
   * process that closes a file loses its locks on it.
   */
  readonly file: string;
}

/** `acquire` throws PortError UNAVAILABLE when the file cannot be used at all. */
export function createFileLock(options: FileLockOptions, deps: { readonly clock: Clock }): Lock {
  const { file } = options;
  // An open database that nobody can reach any more is closed by the garbage collector: a held one must stay in reach.
  const held = new Set<Libsql.Database>();
  return {
    async acquire({ onWaiting, signal }) {
      let isTold = false;
      while (!signal?.aborted) {
        const database = tryLock(file);
        if (database) return holding(database, held);
        if (!isTold) onWaiting?.();
        isTold = true;
        await deps.clock.sleep(LOCK_POLL_MS, signal);
      }
      return null;
    },
  };
}

function holding(database: Libsql.Database, held: Set<Libsql.Database>): LockHandle {
  held.add(database);
  return {
    lost: neverLost(),
    async release() {
      if (!held.delete(database)) return;
      database.exec('ROLLBACK');
      database.close();
    },
  };
}

/** The database with the lock on it; null when somebody else holds it. */
function tryLock(file: string): Libsql.Database | null {
  const database = open(file);
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (error instanceof Libsql.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code)) return null;
    throw new PortError('UNAVAILABLE', `cannot lock ${file}: check that it is a lock file and may be written`, error);
  }
}

function open(file: string): Libsql.Database {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return new Libsql(file);
  } catch (error) {
    throw new PortError('UNAVAILABLE', `cannot open the lock file ${file}: check that it may be written`, error);
  }
}
