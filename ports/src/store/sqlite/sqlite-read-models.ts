/** The queries of the read models in SQLite. */
import type { Instant, Interval } from '@kairos/schema';
import { furthestBehind } from '../projection.js';
import type { Sync } from '../promised.js';
import type { CandleQuery, ReadModels } from '../read-models.js';
import { DOCS } from '../row-codecs.js';
import { accountView, accountViews } from './account-rows.js';
import { takenOf } from './apply-changes.js';
import type { Connection, SqlValue } from './connection.js';
import { closingPoints, equityPoints } from './equity-query.js';
import { listQueries } from './list-queries.js';

/** `changes` counts the commits of this process, which `data_version` does not. */
export function createSqliteReadModels(connection: Connection, changes: () => number): Sync<ReadModels> {
  return {
    version: () => `${String(connection.get('PRAGMA data_version')![0])}.${changes()}`,
    ...bookQueries(connection),
    ...commandQueries(connection),
    ...listQueries(connection),
    candles: (query) => candles(connection, query),
    equity: (query) => connection.inSnapshot(() => equityPoints(connection, query)),
    closingEquity: (query) => connection.inSnapshot(() => closingPoints(connection, query)),
  };
}

function bookQueries(connection: Connection) {
  return {
    progress() {
      const rows = connection.all('SELECT shard, entry, world_time, committed_at, notes FROM progress');
      const behind = furthestBehind(
        rows.map(([shard, entry, worldTime, committedAt, notes]) => ({
          shard: shard as number,
          entry: entry as number,
          worldTime: worldTime as Instant | null,
          committedAt: committedAt as Instant,
          notes: DOCS.notes.read(notes),
        })),
      );
      if (!behind) return null;
      const { worldTime, entry, committedAt, notes } = behind;
      return { worldTime, entry, committedAt, notes };
    },
    accounts: () => accountViews(connection),
    account: (id) => accountView(connection, id),
    prices: () => connection.all('SELECT doc FROM prices ORDER BY symbol').map(([doc]) => DOCS.priceBook.read(doc)),
    events(accountId, afterSeq, limit) {
      const sql = 'SELECT doc FROM events WHERE account_id = ? AND seq > ? ORDER BY seq LIMIT ?';
      return connection.all(sql, [accountId, afterSeq, limit]).map(([doc]) => DOCS.event.read(doc));
    },
  } satisfies Partial<Sync<ReadModels>>;
}

function commandQueries(connection: Connection) {
  return {
    takenCommand(id) {
      const row = connection.get('SELECT doc FROM commands WHERE id = ?', [id]);
      return row ? takenOf(row[0]) : null;
    },
    steps: (commandId) =>
      connection
        .all('SELECT doc FROM steps WHERE command_id = ? ORDER BY n', [commandId])
        .map(([doc]) => DOCS.step.read(doc)),
    commandIds(accountId, last) {
      const ofAccount = `SELECT commands.id FROM command_accounts JOIN commands USING (n)
        WHERE command_accounts.account_id = ? ORDER BY command_accounts.n DESC LIMIT ?`;
      const rows =
        accountId === null
          ? connection.all('SELECT id FROM commands ORDER BY n DESC LIMIT ?', [last])
          : connection.all(ofAccount, [accountId, last]);
      return rows.map(([id]) => id as string);
    },
  } satisfies Partial<Sync<ReadModels>>;
}

function candles(connection: Connection, query: CandleQuery) {
  const { symbol, interval, from, before, last } = query;
  const values: SqlValue[] = [symbol, interval satisfies Interval];
  let sql = 'SELECT doc FROM market_data WHERE symbol = ? AND interval = ?';
  if (from !== undefined) sql += ` AND time >= ?${values.push(from)}`;
  if (before !== undefined) sql += ` AND time < ?${values.push(before)}`;
  sql += ` ORDER BY time DESC LIMIT ?${values.push(last)}`;
  return connection
    .all(sql, values)
    .map(([doc]) => DOCS.candle.read(doc))
    .reverse();
}
