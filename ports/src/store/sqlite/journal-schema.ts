/** The tables of a world's `journal.db`: the journal, and the read models with the columns that queries need. */
import type { Schema } from './migrate.js';

const JOURNAL = [
  `CREATE TABLE journal (
    shard INTEGER NOT NULL, entry INTEGER NOT NULL, epoch INTEGER NOT NULL, owner TEXT NOT NULL,
    crc INTEGER NOT NULL, bytes BLOB NOT NULL,
    PRIMARY KEY (shard, entry)
  ) STRICT`,
  `CREATE TABLE snapshots (
    shard INTEGER NOT NULL, entry INTEGER NOT NULL, crc INTEGER NOT NULL, state BLOB NOT NULL,
    PRIMARY KEY (shard, entry)
  ) STRICT`,
];

const PIECES = [
  `CREATE TABLE snapshot_pieces (
    shard INTEGER NOT NULL, after INTEGER NOT NULL, through INTEGER NOT NULL, crc INTEGER NOT NULL, bytes BLOB NOT NULL,
    PRIMARY KEY (shard, through, after)
  ) STRICT`,
];

const BOOKS = [
  `CREATE TABLE progress (
    shard INTEGER PRIMARY KEY, entry INTEGER NOT NULL, world_time INTEGER, committed_at INTEGER NOT NULL,
    notes TEXT NOT NULL
  ) STRICT`,
  `CREATE TABLE accounts (
    id TEXT PRIMARY KEY, entry INTEGER NOT NULL, created_at INTEGER NOT NULL, books TEXT NOT NULL, mark TEXT NOT NULL
  ) STRICT`,
  `CREATE TABLE events (
    account_id TEXT NOT NULL, seq INTEGER NOT NULL, doc TEXT NOT NULL,
    PRIMARY KEY (account_id, seq)
  ) STRICT`,
  `CREATE TABLE prices (
    symbol TEXT PRIMARY KEY, shard INTEGER NOT NULL, entry INTEGER NOT NULL, doc TEXT NOT NULL
  ) STRICT`,
  `CREATE TABLE commands (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, doc TEXT NOT NULL) STRICT`,
  `CREATE TABLE command_accounts (
    account_id TEXT NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (account_id, n)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE steps (
    n INTEGER PRIMARY KEY, command_id TEXT NOT NULL, key TEXT NOT NULL, doc TEXT NOT NULL,
    UNIQUE (command_id, key)
  ) STRICT`,
];

// The indices end in the columns that filters look at, so that a page is found without reading rows it leaves out.
const LISTS = [
  `CREATE TABLE trades (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, opened_seq INTEGER NOT NULL, seq INTEGER NOT NULL,
    symbol TEXT NOT NULL, status TEXT NOT NULL, exit_reason TEXT, entry_time INTEGER NOT NULL, is_profit INTEGER,
    doc TEXT NOT NULL
  ) STRICT`,
  `CREATE INDEX trades_newest ON trades (account_id, opened_seq, symbol, entry_time, status, exit_reason, is_profit)`,
  `CREATE INDEX trades_of_status ON trades (account_id, status, opened_seq, symbol, entry_time, exit_reason, is_profit)`,
  `CREATE INDEX trades_closed ON trades (account_id, seq) WHERE status = 'CLOSED'`,
  `CREATE TABLE decisions (
    account_id TEXT NOT NULL, seq INTEGER NOT NULL, signal_id TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT,
    time INTEGER NOT NULL, doc TEXT NOT NULL,
    PRIMARY KEY (account_id, seq)
  ) STRICT`,
  `CREATE INDEX decisions_newest ON decisions (account_id, seq, time)`,
  `CREATE INDEX decisions_of_outcome ON decisions (account_id, outcome, seq, reason, time)`,
  `CREATE INDEX decisions_of_signal ON decisions (signal_id, account_id)`,
  `CREATE TABLE ml_signals (
    id TEXT PRIMARY KEY, time INTEGER NOT NULL, symbol TEXT NOT NULL, action TEXT NOT NULL, confidence REAL NOT NULL,
    doc TEXT NOT NULL
  ) STRICT`,
  `CREATE INDEX signals_newest ON ml_signals (time, id, action, confidence)`,
  `CREATE INDEX signals_of_symbol ON ml_signals (symbol, time, id, action, confidence)`,
];

const SERIES = [
  `CREATE TABLE market_data (
    symbol TEXT NOT NULL, interval TEXT NOT NULL, time INTEGER NOT NULL, closed INTEGER NOT NULL, at INTEGER NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (symbol, interval, time)
  ) STRICT, WITHOUT ROWID`,
  // `value` orders points by equity; it is a float and never answered.
  `CREATE TABLE equity (
    account_id TEXT NOT NULL, time INTEGER NOT NULL, value REAL NOT NULL, equity TEXT NOT NULL, balance TEXT NOT NULL,
    PRIMARY KEY (account_id, time)
  ) STRICT, WITHOUT ROWID`,
  // Rows of what is bounded, and the signal up to which trimming has looked.
  `CREATE TABLE series (
    name TEXT PRIMARY KEY, rows INTEGER NOT NULL, floor_time INTEGER NOT NULL DEFAULT 0,
    floor_id TEXT NOT NULL DEFAULT ''
  ) STRICT`,
];

/**
 * Version 1 was never released; its accounts had no mark of their own. Version 3 has the tables of 2, but its notes and
 * marks say what is under way (inputs taken in parts, closings), which a reader of 2 would pass over. Version 4 keeps what
 * snapshots need for long in pieces of their own.
 */
export const JOURNAL_SCHEMA: Schema = { first: 2, versions: [[...JOURNAL, ...BOOKS, ...LISTS, ...SERIES], [], PIECES] };
