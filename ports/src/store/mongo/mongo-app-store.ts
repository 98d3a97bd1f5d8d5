/** What the API keeps for people: every method is one document at a time, and what decides is one conditional write. */
import type { Instant } from '@kairos/schema';
import type { AppStore, Audit, Counters, Facts } from '../app-store.js';
import { AUDIT_ENTRIES_MAX } from '../retention.js';
import { AUDIT_ROW } from './app-documents.js';
import { instantBson, numberBson, textBson } from './bson-codec.js';
import type { Connection } from './connection.js';
import { CALL_MS_MAX } from './connection.js';
import type { StoredDocument } from './documents.js';
import { dateValue, numberValue, textValue } from './filters.js';
import { guarded } from './guarded.js';
import { createSentCommands } from './sent-commands.js';
import { createSessions } from './sessions.js';
import type { Table } from './tables.js';
import { createTable } from './tables.js';
import { createTrimmer } from './trimmer.js';
import { createUsers } from './users.js';

export function createMongoAppStore(connection: Connection): AppStore {
  let order = 0;
  const nextOrder = (): number => (order += 1);
  const table = (name: string): Table => createTable(connection, name);
  return {
    users: guarded('users', createUsers({ connection, table: table('users'), nextOrder })),
    sessions: guarded('sessions', createSessions(table('sessions'))),
    commands: guarded('commands', createSentCommands({ connection, table: table('commands'), nextOrder })),
    audit: guarded('audit', createAudit(table('audit'), nextOrder)),
    counters: guarded('counters', createCounters(connection, table('counters'))),
    facts: guarded('facts', createFacts(table('facts'))),
  };
}

function createAudit(table: Table, nextOrder: () => number): Audit {
  const trim = createTrimmer({ table, timeField: 'time', max: AUDIT_ENTRIES_MAX, filter: {} });
  return {
    async append(entry) {
      const document = { ...AUDIT_ROW.write(entry), order: nextOrder() };
      await table.write([{ insertOne: { document } }]);
      await trim();
    },
    async list(last) {
      const sort = { time: -1, order: -1 } as const;
      return (await table.find({ filter: {}, sort, limit: last, hint: 'audit_newest' })).map(AUDIT_ROW.read);
    },
  };
}

/** Increments between two sweeps of counters over their time; the first one sweeps too. */
const SWEEP_EVERY = 100;

type Count = { readonly count: number; readonly endsAt: Instant };

const countOf = (document: StoredDocument): Count => ({
  count: numberBson.read(document['count']),
  endsAt: instantBson.read(document['endsAt']) as Instant,
});

function createCounters(connection: Connection, table: Table): Counters {
  let increments = -1;
  return {
    async increment(key, windowMs, now) {
      increments += 1;
      if (increments % SWEEP_EVERY === 0) await table.deleteMany({ endsAt: { $lte: dateValue(now) } });
      const isLive = { $gt: ['$endsAt', dateValue(now)] };
      const ends = dateValue(now + numberValue(windowMs));
      const $set = {
        count: { $cond: [isLive, { $add: ['$count', 1] }, 1] },
        endsAt: { $cond: [isLive, '$endsAt', ends] },
      };
      const options = { upsert: true, returnDocument: 'after', maxTimeMS: CALL_MS_MAX } as const;
      const _id = textValue(key) as string;
      const counted = await connection.run('counters.increment', () =>
        table.collection.findOneAndUpdate({ _id }, [{ $set }], options),
      );
      return countOf(counted!);
    },
    async read(key, now) {
      const found = await table.findOne({ filter: { _id: textValue(key), endsAt: { $gt: dateValue(now) } } });
      return found && countOf(found);
    },
    async clear(key) {
      await table.deleteMany({ _id: textValue(key) });
    },
  };
}

/** Values are kept as their JSON: whatever their keys are, they come back as they were. */
function createFacts(table: Table): Facts {
  const idOf = (world: string, name: string): string => textValue(`${world}/${name}`) as string;
  const get = async (world: string, name: string): Promise<unknown> => {
    const found = await table.findOne({ filter: { _id: idOf(world, name) } });
    return found ? (JSON.parse(textBson.read(found['json'])) as unknown) : undefined;
  };
  const fields = (world: string, name: string, value: unknown) => ({ world, name, json: JSON.stringify(value) });
  return {
    get,
    async put(world, name, value) {
      const filter = { _id: idOf(world, name) };
      await table.write([{ replaceOne: { filter, replacement: fields(world, name, value), upsert: true } }]);
    },
    async putIfAbsent(world, name, value) {
      await table.insertNew([{ _id: idOf(world, name), ...fields(world, name, value) }]);
      return get(world, name);
    },
  };
}
