/**
 * The embedded store: two SQLite files.
 *
 * - `journal.db` of a world holds its journal, snapshots and read models. The trader writes it; api and feed read it at
 *   the same time. A commit is one transaction: entry and read models together, on disk when `append` resolves.
 * - `app.db` holds users, sessions, commands as sent, audit, counters and facts; every process writes it.
 *
 * Whoever comes first makes a file. Files of a newer version are refused.
 */
import type { Clock } from '../../clock/clock.js';
import type { Log } from '../../log/log.js';
import { promised } from '../promised.js';
import type { ReadModels } from '../read-models.js';
import type { Retention } from '../retention.js';
import { RETENTION } from '../retention.js';
import type { OpenApp, Store } from '../store.js';
import { APP_SCHEMA } from './app-schema.js';
import { applyChanges } from './apply-changes.js';
import type { Connection } from './connection.js';
import { openConnection } from './connection.js';
import { JOURNAL_SCHEMA } from './journal-schema.js';
import type { Reserve } from './reserve.js';
import { createReserve, noReserve } from './reserve.js';
import { createSqliteAppStore } from './sqlite-app-store.js';
import { createSqliteJournal } from './sqlite-journal.js';
import { createSqliteReadModels } from './sqlite-read-models.js';

export interface SqliteFiles {
  /** Paths of the files; they and their folders are made if missing. */
  readonly appFile: string;
  readonly journalFile: string;
  /** Room kept for a panic on a full disk; left out: none. */
  readonly reserveFile?: string;
}

export interface SqliteStoreDeps {
  readonly clock: Clock;
  readonly log?: Log;
  /** How much of what only draws charts is kept. */
  readonly retention?: Retention;
  /** Called before each statement that writes a file; what it throws stops the transaction. For tests. */
  readonly beforeStatement?: (sql: string) => void;
}

/**
 * Opens the embedded store.
 *
 * @throws PortError INVALID when a file is of a newer version or cannot be made, CORRUPT when it is damaged, FULL when
 *   there is no room, UNAVAILABLE when other processes keep it busy for too long.
 */
export async function openSqliteStore(files: SqliteFiles, deps: SqliteStoreDeps): Promise<Store> {
  const { clock, log, beforeStatement } = deps;
  const app = await openConnection(files.appFile, APP_SCHEMA, { clock, log, beforeStatement });
  try {
    const journal = await openConnection(files.journalFile, JOURNAL_SCHEMA, { clock, log, beforeStatement });
    const reserve = files.reserveFile ? createReserve(files.reserveFile, { clock, log }) : noReserve;
    await reserve.hold();
    return storeOf({ app, journal, reserve }, deps);
  } catch (error) {
    app.close();
    throw error;
  }
}

/** Opens users, sessions and what else belongs to no world, without a world. @throws PortError, as `openSqliteStore` */
export async function openSqliteApp(appFile: string, { clock, log }: SqliteStoreDeps): Promise<OpenApp> {
  const connection = await openConnection(appFile, APP_SCHEMA, { clock, log });
  return { app: createSqliteAppStore(connection, noReserve), close: async () => connection.close() };
}

interface Parts {
  readonly app: Connection;
  readonly journal: Connection;
  readonly reserve: Reserve;
}

/** One owner has every account of an embedded world. */
const SHARDS = 1;

function storeOf({ app, journal, reserve }: Parts, { log, retention = RETENTION }: SqliteStoreDeps): Store {
  let commits = 0;
  return {
    shards: SHARDS,
    journal: createSqliteJournal({
      connection: journal,
      apply: (changes) => applyChanges(journal, changes, retention),
      onCommit: () => void (commits += 1),
      reserve,
      log,
    }),
    readModels: promised<ReadModels>(
      'readModels',
      createSqliteReadModels(journal, () => commits),
      journal.read,
    ),
    app: createSqliteAppStore(app, reserve),
    async ping() {
      await app.read('ping', () => app.get('SELECT 1'));
      await journal.read('ping', () => journal.get('SELECT 1'));
    },
    async close() {
      journal.close();
      app.close();
    },
  };
}
