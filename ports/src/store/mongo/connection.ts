/**
 * One client of one MongoDB database: majority reads and writes, the primary alone, and a time limit of our own around
 * every call, because the driver's may wait for several of its own limits in a row.
 */
import type { Db, MongoClientOptions } from 'mongodb';
import { MongoClient } from 'mongodb';
import type { Clock } from '../../clock/clock.js';
import { LATE, orLate } from '../../clock/or-late.js';
import { isPortError, PortError } from '../../errors.js';
import type { Log } from '../../log/log.js';
import { portErrorOf } from './mongo-error.js';

/** How long a call may take. */
export const CALL_MS_MAX = 2_000;
/**
 * How long it may take at the most after calls that were too late: each doubles the limit of those that follow, until one is
 * answered in half of CALL_MS_MAX. On a slower network every call would else end just before its answer, for ever.
 */
export const SLOW_CALL_MS_MAX = 8_000;
/** How long making collections and indexes may take: an index of a large collection is built in this time. */
export const SET_UP_MS_MAX = 10 * 60_000;
/** How long a start waits for a server that does not answer yet, such as one that elects its primary. */
export const OPEN_PATIENCE_MS = 10_000;
const OPEN_RETRY_MS = 250;
/** How long the driver looks for a server that takes a call. */
const SELECTION_MS_MAX = 1_500;
/** Shaking hands, and a sign of life from the server: over a slow network too, for what breaks here breaks every call. */
const CONNECT_MS_MAX = 5_000;
/** Sockets that say nothing for so long while something was asked are closed. */
const SOCKET_MS_MAX = 30_000;
/** Shorter than the driver looks for a server: one that was taken for gone by mistake is found again in time. */
const HEARTBEAT_MS = 1_000;
/** Connections of one process. Atlas's shared tiers allow 500 for all. */
const POOL_MAX = 20;

export interface MongoOptions {
  /** A connection string, `mongodb://` or `mongodb+srv://`. Never logged. */
  readonly uri: string;
  readonly database: string;
}

export interface MongoDeps {
  readonly clock: Clock;
  readonly log?: Log | undefined;
  /** How long opening waits for a server that does not answer yet. Left out: OPEN_PATIENCE_MS. */
  readonly patienceMs?: number;
}

export interface CallOptions {
  /** CALL_MS_MAX by default; longer while the server is slow. */
  readonly limitMs?: number;
}

export interface Connection {
  readonly db: Db;
  readonly database: string;
  /** Does work within a time limit; `what` it does is named in errors. @throws PortError */
  run<T>(what: string, work: () => Promise<T>, options?: CallOptions): Promise<T>;
  close(): Promise<void>;
}

const CLIENT_OPTIONS: MongoClientOptions = {
  appName: 'kairos',
  retryWrites: true,
  retryReads: true,
  serverSelectionTimeoutMS: SELECTION_MS_MAX,
  connectTimeoutMS: CONNECT_MS_MAX,
  socketTimeoutMS: SOCKET_MS_MAX,
  waitQueueTimeoutMS: SLOW_CALL_MS_MAX,
  heartbeatFrequencyMS: HEARTBEAT_MS,
  maxPoolSize: POOL_MAX,
  readPreference: 'primary',
  readConcern: { level: 'majority' },
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: CALL_MS_MAX },
};

/**
 * Connects and prepares what is needed, and waits up to `patienceMs` for a server that takes writes.
 *
 * @throws PortError INVALID when the connection string or the login is wrong, UNAVAILABLE when no server answers, and
 *   what `prepare` throws.
 */
export async function openConnection(
  options: MongoOptions,
  deps: MongoDeps,
  prepare: (connection: Connection) => Promise<void> = ping,
): Promise<Connection> {
  const { clock, log, patienceMs = OPEN_PATIENCE_MS } = deps;
  const startedMs = clock.monotonicMs();
  for (let isFirst = true; ; isFirst = false) {
    // A client whose first connection fails is of no use later.
    const connection = createConnection(clientOf(options.uri), options.database, deps);
    try {
      await ping(connection);
      await prepare(connection);
      return connection;
    } catch (error) {
      await connection.close();
      const isOver = clock.monotonicMs() - startedMs >= patienceMs;
      if (isOver || !isPortError(error) || !error.isRetriable) throw error;
      if (isFirst) log?.warn({ code: error.code }, 'MongoDB does not answer yet; trying again');
    }
    await clock.sleep(OPEN_RETRY_MS);
  }
}

export const ping = ({ db, run }: Connection): Promise<void> =>
  run('reach MongoDB', async () => void (await db.command({ ping: 1 })));

/** The driver's own words would repeat the connection string. */
function clientOf(uri: string): MongoClient {
  try {
    return new MongoClient(uri, CLIENT_OPTIONS);
  } catch {
    throw new PortError(
      'INVALID',
      'MONGODB_URI: expected a connection string such as mongodb://user:password@host:27017 or mongodb+srv://user:password@cluster.example.net, found one that cannot be read: write special characters of user and password as %XX, and check the options after the question mark',
    );
  }
}

function createConnection(client: MongoClient, database: string, { clock, log }: MongoDeps): Connection {
  let isClosed = false;
  let slowMs = CALL_MS_MAX;
  const closed = (what: string): PortError =>
    new PortError('CLOSED', `${what}: expected an open store, found it closed`);

  return {
    db: client.db(database),
    database,
    async run(what, work, { limitMs: wantedMs = CALL_MS_MAX } = {}) {
      if (isClosed) throw closed(what);
      const limitMs = Math.max(wantedMs, slowMs);
      const began = clock.monotonicMs();
      const working = work();
      try {
        const outcome = await orLate(clock, limitMs, working);
        if (outcome !== LATE) {
          if (clock.monotonicMs() - began < CALL_MS_MAX / 2) slowMs = CALL_MS_MAX;
          return outcome;
        }
      } catch (error) {
        throw isClosed ? closed(what) : portErrorOf(error, what);
      }
      slowMs = Math.max(slowMs, Math.min(2 * limitMs, SLOW_CALL_MS_MAX));
      working.catch((error: unknown) => log?.debug({ what, err: error }, 'a call failed after its time was over'));
      throw new PortError('TIMEOUT', `${what}: no answer within ${limitMs} ms, so the outcome is unknown; try again`);
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      await client.close();
    },
  };
}
