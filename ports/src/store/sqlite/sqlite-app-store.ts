/** What the API keeps for people, in `app.db`: several processes write it, each in short transactions. */
import type { Instant } from '@kairos/schema';
import { userChanged, userTaken } from '../app-rules.js';
import type {
  AppStore,
  Audit,
  AuditEntry,
  Counters,
  Facts,
  Sessions,
  StoredSession,
  StoredUser,
  Users,
} from '../app-store.js';
import { promised } from '../promised.js';
import { AUDIT_ENTRIES_MAX } from '../retention.js';
import type { Connection, SqlRow, SqlValue } from './connection.js';
import type { Reserve } from './reserve.js';
import { createSqliteCommands } from './sqlite-commands.js';

/** Every method is one transaction: several processes may call it at the same time. */
export const createSqliteAppStore = (connection: Connection, reserve: Reserve): AppStore => ({
  users: createUsers(connection),
  sessions: createSessions(connection),
  commands: createSqliteCommands(connection, reserve),
  audit: createAudit(connection),
  counters: createCounters(connection),
  facts: createFacts(connection),
});

function createUsers(connection: Connection): Users {
  const read = (sql: string, values: SqlValue[] = []): StoredUser[] =>
    connection.all(`SELECT doc FROM users ${sql}`, values).map(([doc]) => JSON.parse(doc as string) as StoredUser);
  const isNameTaken = (user: StoredUser) =>
    connection.get('SELECT 1 FROM users WHERE normalized_name = ? AND id <> ?', [user.normalizedName, user.id]);

  const reads = promised<Pick<Users, 'byId' | 'byName' | 'list'>>(
    'users',
    {
      byId: (id) => read('WHERE id = ?', [id])[0] ?? null,
      byName: (name) => read('WHERE normalized_name = ?', [name])[0] ?? null,
      list: () => read('ORDER BY n'),
    },
    connection.read,
  );
  const writes = promised<Pick<Users, 'insert' | 'replace'>>(
    'users',
    {
      insert(user) {
        const sql = 'INSERT OR IGNORE INTO users (id, normalized_name, token_version, doc) VALUES (?, ?, ?, ?)';
        const values = [user.id, user.normalizedName, user.tokenVersion, JSON.stringify(user)];
        if (connection.run(sql, values) === 0) throw userTaken(user);
      },
      replace(user, expectedVersion) {
        if (isNameTaken(user)) throw userTaken(user);
        const sql = `UPDATE users SET normalized_name = ?, token_version = ?, doc = ?
          WHERE id = ? AND token_version = ?`;
        const values = [user.normalizedName, user.tokenVersion, JSON.stringify(user), user.id, expectedVersion];
        if (connection.run(sql, values) === 0) throw userChanged(user, expectedVersion);
      },
    },
    connection.write,
  );
  return { ...reads, ...writes };
}

const SESSION_COLUMNS =
  'token_hash, family_id, user_id, token_version, created_at, expires_at, rotated_at, successor, is_revoked';

const sessionOf = (row: SqlRow): StoredSession => ({
  tokenHash: row[0] as string,
  familyId: row[1] as string,
  userId: row[2] as string,
  tokenVersion: row[3] as number,
  createdAt: row[4] as Instant,
  expiresAt: row[5] as Instant,
  rotatedAt: row[6] as Instant | null,
  successor: row[7] as string | null,
  isRevoked: row[8] === 1,
});

function insertSession(connection: Connection, session: StoredSession): void {
  connection.run(`INSERT OR REPLACE INTO sessions (${SESSION_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, [
    session.tokenHash,
    session.familyId,
    session.userId,
    session.tokenVersion,
    session.createdAt,
    session.expiresAt,
    session.rotatedAt,
    session.successor,
    Number(session.isRevoked),
  ]);
}

function createSessions(connection: Connection): Sessions {
  const reads = promised<Pick<Sessions, 'byHash' | 'isFamilyLive'>>(
    'sessions',
    {
      byHash(tokenHash) {
        const row = connection.get(`SELECT ${SESSION_COLUMNS} FROM sessions WHERE token_hash = ?`, [tokenHash]);
        return row ? sessionOf(row) : null;
      },
      isFamilyLive(familyId, now) {
        const sql = 'SELECT 1 FROM sessions WHERE family_id = ? AND is_revoked = 0 AND expires_at > ? LIMIT 1';
        return connection.get(sql, [familyId, now]) !== undefined;
      },
    },
    connection.read,
  );
  const writes = promised<Omit<Sessions, 'byHash' | 'isFamilyLive'>>(
    'sessions',
    {
      insert: (session) => insertSession(connection, session),
      rotate(tokenHash, rotatedAt, successor, next) {
        const sql = `UPDATE sessions SET rotated_at = ?, successor = ?
          WHERE token_hash = ? AND rotated_at IS NULL AND is_revoked = 0`;
        if (connection.run(sql, [rotatedAt, successor, tokenHash]) === 0) return false;
        insertSession(connection, next);
        return true;
      },
      revokeFamily(familyId) {
        connection.run('UPDATE sessions SET is_revoked = 1 WHERE family_id = ?', [familyId]);
      },
      revokeUser(userId) {
        connection.run('UPDATE sessions SET is_revoked = 1 WHERE user_id = ?', [userId]);
      },
      deleteExpired(before) {
        connection.run('DELETE FROM sessions WHERE expires_at < ?', [before]);
      },
    },
    connection.write,
  );
  return { ...reads, ...writes };
}

function createAudit(connection: Connection): Audit {
  return {
    append: (entry) =>
      connection.write('audit.append', () => {
        connection.run('INSERT INTO audit (id, doc) VALUES (?, ?)', [entry.id, JSON.stringify(entry)]);
        connection.run('DELETE FROM audit WHERE n <= (SELECT max(n) FROM audit) - ?', [AUDIT_ENTRIES_MAX]);
      }),
    list: (last) =>
      connection.read('audit.list', () =>
        connection
          .all('SELECT doc FROM audit ORDER BY n DESC LIMIT ?', [last])
          .map(([doc]) => JSON.parse(doc as string) as AuditEntry),
      ),
  };
}

/** Counters over their time that one increment sweeps away. */
const COUNTERS_SWEPT_MAX = 100;

function createCounters(connection: Connection): Counters {
  const live = (key: string, now: Instant) => {
    const row = connection.get('SELECT count, ends_at FROM counters WHERE key = ? AND ends_at > ?', [key, now]);
    return row ? { count: row[0] as number, endsAt: row[1] as Instant } : null;
  };
  return {
    increment: (key, windowMs, now) =>
      connection.write('counters.increment', () => {
        const ended = 'SELECT key FROM counters WHERE ends_at <= ? LIMIT ?';
        connection.run(`DELETE FROM counters WHERE key IN (${ended}) OR (key = ? AND ends_at <= ?)`, [
          now,
          COUNTERS_SWEPT_MAX,
          key,
          now,
        ]);
        const sql = `INSERT INTO counters (key, count, ends_at) VALUES (?, 1, ?)
          ON CONFLICT (key) DO UPDATE SET count = count + 1`;
        connection.run(sql, [key, now + windowMs]);
        return live(key, now)!;
      }),
    read: (key, now) => connection.read('counters.read', () => live(key, now)),
    clear: (key) =>
      connection.write('counters.clear', () => void connection.run('DELETE FROM counters WHERE key = ?', [key])),
  };
}

function createFacts(connection: Connection): Facts {
  const get = (world: string, name: string): unknown => {
    const row = connection.get('SELECT doc FROM facts WHERE world = ? AND name = ?', [world, name]);
    return row ? JSON.parse(row[0] as string) : undefined;
  };
  const insert = (conflict: 'REPLACE' | 'IGNORE', values: SqlValue[]) =>
    connection.run(`INSERT OR ${conflict} INTO facts (world, name, doc) VALUES (?, ?, ?)`, values);
  return {
    get: (world, name) => connection.read('facts.get', () => get(world, name)),
    put: (world, name, value) =>
      connection.write('facts.put', () => void insert('REPLACE', [world, name, JSON.stringify(value)])),
    putIfAbsent: (world, name, value) =>
      connection.write('facts.putIfAbsent', () => {
        insert('IGNORE', [world, name, JSON.stringify(value)]);
        return get(world, name);
      }),
  };
}
