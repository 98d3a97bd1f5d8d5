/** The collections of a world. Indexes end in the fields that filters look at, so that a page is found without reading
 * documents that it leaves out. */
import type { CollectionSpec, IndexSpec } from './collections.js';
import { BINARY, DATE, DATE_OR_NULL, LIST, NUMBER, OBJECT, TEXT } from './collections.js';
import type { Connection } from './connection.js';
import {
  ACCOUNT_ROW,
  candleBson,
  COMMAND_ROW,
  DECISION_ROW,
  EVENT_ROW,
  pointBson,
  SIGNAL_ROW,
  stepBson,
  TRADE_ROW,
} from './documents.js';
import { JOURNAL_FIELDS } from './journal-documents.js';
import type { Table } from './tables.js';
import { createTable } from './tables.js';

/** Where a row was committed: the order of rows that have none of their own. */
const PLACE = { committedAt: DATE, shard: NUMBER, entry: NUMBER, index: NUMBER };

const JOURNAL: readonly CollectionSpec[] = [
  {
    name: 'journal',
    fields: { _id: TEXT, ...JOURNAL_FIELDS },
    indexes: [{ name: 'journal_entries', key: { shard: 1, entry: 1 }, unique: true }],
  },
  {
    name: 'snapshots',
    fields: { _id: TEXT, shard: NUMBER, entry: NUMBER, part: NUMBER, parts: NUMBER, crc: NUMBER, bytes: BINARY },
    indexes: [{ name: 'snapshots_newest', key: { shard: 1, entry: -1, part: 1 } }],
  },
  {
    name: 'snapshot_pieces',
    fields: { _id: TEXT, shard: NUMBER, through: NUMBER, part: NUMBER, parts: NUMBER, crc: NUMBER, bytes: BINARY },
    indexes: [{ name: 'pieces_oldest', key: { shard: 1, through: 1 } }],
  },
  {
    name: 'progress',
    fields: { _id: NUMBER, entry: NUMBER, worldTime: DATE_OR_NULL, committedAt: DATE, notes: OBJECT },
    indexes: [],
  },
];

const BOOKS: readonly CollectionSpec[] = [
  {
    name: 'accounts',
    fields: ACCOUNT_ROW.fields,
    indexes: [{ name: 'accounts_oldest', key: { createdAt: 1, _id: 1 } }],
  },
  {
    name: 'events',
    fields: EVENT_ROW.fields,
    indexes: [{ name: 'events_of_account', key: { accountId: 1, seq: 1 } }],
  },
  { name: 'prices', fields: { _id: TEXT, book: OBJECT, shard: NUMBER, entry: NUMBER, knownAt: DATE }, indexes: [] },
  {
    name: 'taken_commands',
    fields: { ...COMMAND_ROW.fields, accountIds: LIST, ...PLACE },
    indexes: [
      { name: 'commands_newest', key: { committedAt: -1, entry: -1, index: -1 } },
      { name: 'commands_of_account', key: { accountIds: 1, committedAt: -1, entry: -1, index: -1 } },
    ],
  },
  {
    name: 'steps',
    fields: { _id: TEXT, commandId: TEXT, ...stepBson.fields, ...PLACE },
    indexes: [{ name: 'steps_of_command', key: { commandId: 1, committedAt: 1, entry: 1, index: 1 } }],
  },
];

const TRADE_INDEXES: readonly IndexSpec[] = [
  {
    name: 'trades_newest',
    key: { accountId: 1, openedSeq: -1, symbol: 1, entryTime: 1, status: 1, exitReason: 1, pnl: 1 },
  },
  {
    name: 'trades_of_status',
    key: { accountId: 1, status: 1, openedSeq: -1, symbol: 1, entryTime: 1, exitReason: 1, pnl: 1 },
  },
  { name: 'trades_closed', key: { accountId: 1, seq: 1 }, partialFilterExpression: { status: 'CLOSED' } },
];

const LISTS: readonly CollectionSpec[] = [
  { name: 'trades', fields: TRADE_ROW.fields, indexes: TRADE_INDEXES },
  {
    name: 'decisions',
    fields: DECISION_ROW.fields,
    indexes: [
      { name: 'decisions_newest', key: { accountId: 1, seq: -1, time: 1 } },
      { name: 'decisions_of_outcome', key: { accountId: 1, outcome: 1, seq: -1, reason: 1, time: 1 } },
      { name: 'decisions_of_signal', key: { signalId: 1, accountId: 1 } },
    ],
  },
  {
    name: 'ml_signals',
    fields: SIGNAL_ROW.fields,
    indexes: [
      { name: 'signals_newest', key: { time: -1, _id: -1, action: 1, confidence: 1 } },
      { name: 'signals_of_symbol', key: { symbol: 1, time: -1, _id: -1, action: 1, confidence: 1 } },
    ],
  },
];

const SERIES: readonly CollectionSpec[] = [
  {
    name: 'market_data',
    fields: { _id: TEXT, ...candleBson.fields },
    indexes: [{ name: 'candles_of_symbol', key: { symbol: 1, interval: 1, time: -1 } }],
  },
  {
    name: 'equity',
    fields: { _id: TEXT, ...pointBson.fields, entry: NUMBER },
    indexes: [{ name: 'equity_of_account', key: { accountId: 1, time: 1, equity: 1, balance: 1 } }],
  },
];

export const WORLD_COLLECTIONS: readonly CollectionSpec[] = [...JOURNAL, ...BOOKS, ...LISTS, ...SERIES];

const NAMES = {
  journal: 'journal',
  snapshots: 'snapshots',
  snapshotPieces: 'snapshot_pieces',
  progress: 'progress',
  accounts: 'accounts',
  events: 'events',
  prices: 'prices',
  takenCommands: 'taken_commands',
  steps: 'steps',
  trades: 'trades',
  decisions: 'decisions',
  mlSignals: 'ml_signals',
  marketData: 'market_data',
  equity: 'equity',
} as const;

export type WorldTables = { readonly [K in keyof typeof NAMES]: Table };

export const worldTables = (connection: Connection): WorldTables =>
  Object.fromEntries(
    Object.entries(NAMES).map(([key, name]) => [key, createTable(connection, name)]),
  ) as unknown as WorldTables;
