/**
 * Writes what journal entries mean to the read models. Every write names the seq or entry that it comes from and loses
 * to a later one, so entries may be written again at any time, by any process. Progress comes last: whoever reads it
 * finds everything up to there. What it follows is durable by then: progress that a driver repeats after a crash of the
 * server would be true of rows that were lost in it.
 */
import type { KnownPrice, PriceBook } from '@kairos/schema';
import type { Changes, PriceRow } from '../projection.js';
import { newerPrice, newerTrade } from '../projection.js';
import { writeAccounts } from './account-documents.js';
import { dateOf, instantBson, textBson } from './bson-codec.js';
import type { StoredDocument } from './documents.js';
import { bookBson, COMMAND_ROW, DECISION_ROW, EVENT_ROW, notesBson, stepBson, TRADE_ROW } from './documents.js';
import type { Series } from './series.js';
import type { Table, Write } from './tables.js';
import type { WorldTables } from './world-tables.js';

export interface ApplyDeps {
  readonly tables: WorldTables;
  readonly series: Series;
}

/** Consecutive entries of one shard. */
export async function applyChanges({ tables, series }: ApplyDeps, batch: readonly Changes[]): Promise<void> {
  await Promise.all([
    writeAccounts(tables.accounts, batch),
    tables.events.insertNew(batch.flatMap(({ events }) => events.map(EVENT_ROW.write))),
    tables.decisions.insertNew(batch.flatMap(({ decisions }) => decisions.map(DECISION_ROW.write))),
    writeTrades(tables.trades, batch),
    tables.steps.insertNew(batch.flatMap(stepDocuments)),
    tables.prices.write(priceWrites(batch)),
    tables.takenCommands.write(batch.flatMap(commandWrites)),
    series.write(batch),
  ]);
  await tables.progress.write([progressWrite(batch.at(-1)!)]);
  await series.trim(batch);
}

/** The last of the rows with one key, by `newer`. */
function newestBy<T>(rows: readonly T[], keyOf: (row: T) => string, newer: (stored: T, next: T) => T): T[] {
  const byKey = new Map<string, T>();
  for (const row of rows) {
    const stored = byKey.get(keyOf(row));
    byKey.set(keyOf(row), stored === undefined ? row : newer(stored, row));
  }
  return [...byKey.values()];
}

async function writeTrades(table: Table, batch: readonly Changes[]): Promise<void> {
  const trades = newestBy(
    batch.flatMap((changes) => changes.trades),
    (trade) => trade.id,
    newerTrade,
  );
  const known = await table.insertNew(trades.map(TRADE_ROW.write));
  await table.write(
    known.map((document) => ({
      replaceOne: { filter: { _id: document._id, seq: { $lt: document['seq'] } }, replacement: document },
    })),
  );
}

function stepDocuments({ steps, progress }: Changes): StoredDocument[] {
  const { shard, entry, committedAt } = progress;
  return steps.map(({ commandId, key, step }, index) => ({
    _id: key,
    commandId: textBson.write(commandId),
    ...stepBson.write(step),
    committedAt: instantBson.write(committedAt),
    shard,
    entry,
    index,
  }));
}

const priceSource = ({ newest, entry }: PriceBook): KnownPrice | null => newest ?? entry;

/** As `newerPrice`: of one shard the later entry, of two shards the later price. */
function priceWrites(batch: readonly Changes[]): Write[] {
  const rows = newestBy<PriceRow>(
    batch.flatMap((changes) => changes.prices),
    (row) => row.book.symbol,
    newerPrice,
  );
  return rows.map(({ book, shard, entry }) => {
    const knownAt = dateOf(priceSource(book)?.at ?? 0);
    const isOlder = [
      { shard, entry: { $lt: entry } },
      { shard: { $ne: shard }, knownAt: { $lt: knownAt } },
    ];
    const { symbol: _id, ...prices } = bookBson.write(book) as { symbol: string };
    return {
      replaceOne: {
        filter: { _id, $or: isOlder },
        replacement: { book: prices, shard, entry, knownAt },
        upsert: true,
      },
    };
  });
}

/** A command for several accounts comes as one message per account: the first, with all their accounts. */
function commandWrites({ commands, progress }: Changes): Write[] {
  const { shard, entry, committedAt } = progress;
  return commands.map(({ command, accountIds }, index) => {
    const { _id, ...fields } = COMMAND_ROW.write(command);
    const taken = { ...fields, committedAt: instantBson.write(committedAt), shard, entry, index };
    return {
      updateOne: {
        filter: { _id },
        update: {
          $setOnInsert: taken,
          $addToSet: { accountIds: { $each: accountIds.map((id) => textBson.write(id)) } },
        } as never,
        upsert: true,
      },
    };
  });
}

function progressWrite({ progress }: Changes): Write {
  const { shard, entry, worldTime, committedAt, notes } = progress;
  return {
    replaceOne: {
      filter: { _id: shard, entry: { $lt: entry } },
      replacement: {
        entry,
        worldTime: worldTime === null ? null : instantBson.write(worldTime),
        committedAt: instantBson.write(committedAt),
        notes: notesBson.write(notes),
      },
      upsert: true,
    },
  };
}
