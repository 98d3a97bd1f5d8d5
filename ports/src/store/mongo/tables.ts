/** Collections as the adapter uses them: each call named, bounded in time and in documents. */
import type { AnyBulkWriteOperation, Collection, Filter, FindOptions } from 'mongodb';
import { CALL_MS_MAX } from './connection.js';
import type { CallOptions, Connection } from './connection.js';
import type { StoredDocument } from './documents.js';
import { isOnlyDuplicates } from './mongo-error.js';

/** Documents per bulk write: few enough to end within the time limit on a slow server, too. */
const WRITES_MAX = 250;

export type StoredFilter = Filter<StoredDocument>;
export type Write = AnyBulkWriteOperation<StoredDocument>;

export interface FindSpec extends Pick<FindOptions, 'sort' | 'limit' | 'skip' | 'projection' | 'hint'> {
  readonly filter: Readonly<Record<string, unknown>>;
  /** CALL_MS_MAX by default. */
  readonly limitMs?: number;
}

export interface Table {
  readonly name: string;
  readonly collection: Collection<StoredDocument>;
  find(spec: FindSpec): Promise<StoredDocument[]>;
  findOne(spec: FindSpec): Promise<StoredDocument | null>;
  /** Counted up to `max` + 1. */
  count(spec: Pick<FindSpec, 'filter' | 'hint'>, max: number): Promise<number>;
  aggregate(stages: object[], hint: string): Promise<StoredDocument[]>;
  /** Writes in any order; documents that are there already are no error. Returns how many came in new. */
  write(writes: readonly Write[]): Promise<number>;
  /** Inserts documents; returns those whose `_id` was there already. */
  insertNew(documents: readonly StoredDocument[]): Promise<readonly StoredDocument[]>;
  updateOne(filter: object, update: object): Promise<{ readonly matchedCount: number; readonly modifiedCount: number }>;
  updateMany(filter: object, update: object): Promise<void>;
  deleteMany(filter: object): Promise<number>;
}

const LIMIT = { maxTimeMS: CALL_MS_MAX } as const;

export function createTable(connection: Connection, name: string): Table {
  const collection = connection.db.collection<StoredDocument>(name);
  const run = <T>(verb: string, work: () => Promise<T>, options?: CallOptions): Promise<T> =>
    connection.run(`${verb} ${name}`, work, options);
  const find = ({ filter, limitMs: _, ...options }: FindSpec) =>
    collection.find(filter as StoredFilter, { ...LIMIT, ...options });

  return {
    name,
    collection,
    find: (spec) => run('read', () => find(spec).toArray()),
    findOne: (spec) => run('read', async () => (await find({ ...spec, limit: 1 }).toArray())[0] ?? null, spec),
    count: ({ filter, hint }, max) =>
      run('count', () =>
        collection.countDocuments(filter as StoredFilter, { ...LIMIT, limit: max + 1, ...(hint && { hint }) }),
      ),
    aggregate: (stages, hint) =>
      run('read', () => collection.aggregate<StoredDocument>(stages, { ...LIMIT, hint }).toArray()),
    write: (writes) => inChunks(writes, (chunk) => run('write', () => bulkWrite(collection, chunk))),
    async insertNew(documents) {
      const known: StoredDocument[] = [];
      await inChunks(documents, async (chunk) => {
        known.push(...(await run('write', () => insertMany(collection, chunk))));
        return 0;
      });
      return known;
    },
    updateOne: (filter, update) => run('write', () => collection.updateOne(filter as StoredFilter, update, LIMIT)),
    updateMany: (filter, update) =>
      run('write', async () => void (await collection.updateMany(filter as StoredFilter, update, LIMIT))),
    deleteMany: (filter) =>
      run('delete from', async () => (await collection.deleteMany(filter as StoredFilter, LIMIT)).deletedCount),
  };
}

async function inChunks<T>(items: readonly T[], work: (chunk: readonly T[]) => Promise<number>): Promise<number> {
  let sum = 0;
  for (let at = 0; at < items.length; at += WRITES_MAX) sum += await work(items.slice(at, at + WRITES_MAX));
  return sum;
}

const UNORDERED = { ...LIMIT, ordered: false } as const;

async function bulkWrite(collection: Collection<StoredDocument>, writes: readonly Write[]): Promise<number> {
  try {
    const { insertedCount, upsertedCount } = await collection.bulkWrite([...writes], UNORDERED);
    return insertedCount + upsertedCount;
  } catch (error) {
    if (!isOnlyDuplicates(error)) throw error;
    return error.insertedCount + error.upsertedCount;
  }
}

async function insertMany(
  collection: Collection<StoredDocument>,
  documents: readonly StoredDocument[],
): Promise<readonly StoredDocument[]> {
  try {
    await collection.insertMany([...documents], UNORDERED);
    return [];
  } catch (error) {
    if (!isOnlyDuplicates(error)) throw error;
    return [error.writeErrors].flat().map(({ index }) => documents[index]!);
  }
}
