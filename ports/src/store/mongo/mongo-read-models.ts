/** The queries of the read models in MongoDB. */
import type { Instant } from '@kairos/schema';
import type { ShardProgress } from '../projection.js';
import { furthestBehind } from '../projection.js';
import type { CandleQuery, ReadModels } from '../read-models.js';
import type { StoredDocument } from './documents.js';
import { instantBson, nullableBson, numberBson, textBson } from './bson-codec.js';
import { ACCOUNT_ROW, bookBson, candleBson, COMMAND_ROW, EVENT_ROW, notesBson, stepBson } from './documents.js';
import { closingPoints, equityPoints } from './equity-query.js';
import { filterOf, numberValue, textValue, timeRange } from './filters.js';
import { listQueries } from './list-queries.js';
import type { WorldTables } from './world-tables.js';

export interface MongoReadModelsDeps {
  readonly tables: WorldTables;
  readonly shards: number;
}

export function createMongoReadModels(deps: MongoReadModelsDeps): ReadModels {
  const { tables } = deps;
  return {
    ...progressQueries(deps),
    ...bookQueries(tables),
    ...commandQueries(tables),
    ...listQueries(tables),
    candles: (query) => candles(tables, query),
    equity: (query) => equityPoints(tables.equity, query),
    closingEquity: (query) => closingPoints(tables.equity, query),
  };
}

const timeOrNull = nullableBson(instantBson);

const shardProgressOf = (document: StoredDocument): ShardProgress => ({
  shard: numberBson.read(document._id),
  entry: numberBson.read(document['entry']),
  worldTime: timeOrNull.read(document['worldTime']) as Instant | null,
  committedAt: instantBson.read(document['committedAt']) as Instant,
  notes: notesBson.read(document['notes']),
});

function progressQueries({ tables, shards }: MongoReadModelsDeps) {
  return {
    /** One small document per shard. */
    async version() {
      const found = await tables.progress.find({ filter: {}, sort: { _id: 1 }, projection: { entry: 1 } });
      return found.map(({ _id, entry }) => `${_id}:${String(entry)}`).join(' ');
    },
    /** A shard without an entry is the one furthest behind. */
    async progress() {
      const rows = (await tables.progress.find({ filter: {} })).map(shardProgressOf);
      const begun = new Set(rows.map(({ shard }) => shard));
      const isMissing = Array.from({ length: shards }, (_, shard) => shard).some((shard) => !begun.has(shard));
      const behind = isMissing ? null : furthestBehind(rows);
      if (!behind) return null;
      const { worldTime, entry, committedAt, notes } = behind;
      return { worldTime, entry, committedAt, notes };
    },
  } satisfies Partial<ReadModels>;
}

function bookQueries({ accounts, prices, events }: WorldTables) {
  return {
    async accounts() {
      const found = await accounts.find({ filter: {}, sort: { createdAt: 1, _id: 1 } });
      return found.map((document) => ACCOUNT_ROW.read(document).view);
    },
    async account(id) {
      const found = await accounts.findOne({ filter: { _id: textValue(id) } });
      return found && ACCOUNT_ROW.read(found).view;
    },
    async prices() {
      const found = await prices.find({ filter: {}, sort: { _id: 1 } });
      return found.map(({ _id, book }) => bookBson.read({ symbol: _id, ...(book as object) }));
    },
    async events(accountId, afterSeq, limit) {
      const filter = { accountId: textValue(accountId), seq: { $gt: numberValue(afterSeq) } };
      const found = await events.find({ filter, sort: { seq: 1 }, limit, hint: 'events_of_account' });
      return found.map(EVENT_ROW.read);
    },
  } satisfies Partial<ReadModels>;
}

function commandQueries({ takenCommands, steps }: WorldTables) {
  return {
    async takenCommand(id) {
      const found = await takenCommands.findOne({ filter: { _id: textValue(id) } });
      if (!found) return null;
      const accountIds = (found['accountIds'] as readonly unknown[]).map((each) => textBson.read(each));
      return { command: COMMAND_ROW.read(found), accountIds };
    },
    async steps(commandId) {
      const filter = { commandId: textValue(commandId) };
      const sort = { committedAt: 1, entry: 1, index: 1 } as const;
      return (await steps.find({ filter, sort, hint: 'steps_of_command' })).map(stepBson.read);
    },
    async commandIds(accountId, last) {
      const sort = { committedAt: -1, entry: -1, index: -1 } as const;
      const ofAccount = { filter: { accountIds: textValue(accountId ?? '') }, hint: 'commands_of_account' };
      const spec = accountId === null ? { filter: {}, hint: 'commands_newest' } : ofAccount;
      const found = await takenCommands.find({ ...spec, sort, limit: last, projection: { _id: 1 } });
      return found.map(({ _id }) => textBson.read(_id));
    },
  } satisfies Partial<ReadModels>;
}

async function candles({ marketData }: WorldTables, query: CandleQuery) {
  const found = await marketData.find({
    filter: filterOf({
      symbol: textValue(query.symbol),
      interval: textValue(query.interval),
      time: timeRange(query.from, query.before),
    }),
    sort: { time: -1 },
    limit: query.last,
    hint: 'candles_of_symbol',
  });
  return found.map(candleBson.read).reverse();
}
