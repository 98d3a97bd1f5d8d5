/** The tables of `app.db`: what the API keeps for people, whatever the world. */
import type { Schema } from './migrate.js';

export const APP_SCHEMA: Schema = {
  first: 1,
  versions: [
    [
      `CREATE TABLE users (
        n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, normalized_name TEXT NOT NULL UNIQUE,
        token_version INTEGER NOT NULL, doc TEXT NOT NULL
      ) STRICT`,
      `CREATE TABLE sessions (
        token_hash TEXT PRIMARY KEY, family_id TEXT NOT NULL, user_id TEXT NOT NULL, token_version INTEGER NOT NULL,
        created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, rotated_at INTEGER, successor TEXT,
        is_revoked INTEGER NOT NULL
      ) STRICT`,
      `CREATE INDEX sessions_of_family ON sessions (family_id, is_revoked, expires_at)`,
      `CREATE INDEX sessions_of_user ON sessions (user_id)`,
      `CREATE INDEX sessions_by_end ON sessions (expires_at)`,
      `CREATE TABLE commands (
        n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, world TEXT NOT NULL, sent_at INTEGER NOT NULL,
        is_published INTEGER NOT NULL, account_ids TEXT NOT NULL, command TEXT NOT NULL
      ) STRICT`,
      `CREATE INDEX commands_of_world ON commands (world, n)`,
      `CREATE INDEX commands_waiting ON commands (world, n) WHERE is_published = 0`,
      `CREATE TABLE audit (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, doc TEXT NOT NULL) STRICT`,
      `CREATE TABLE counters (key TEXT PRIMARY KEY, count INTEGER NOT NULL, ends_at INTEGER NOT NULL) STRICT`,
      `CREATE INDEX counters_by_end ON counters (ends_at)`,
      `CREATE TABLE facts (world TEXT NOT NULL, name TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (world, name)) STRICT`,
    ],
  ],
};
