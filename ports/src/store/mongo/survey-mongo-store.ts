/** Looks at a MongoDB database without making a collection or writing a document. */
import { isPortError } from '../../errors.js';
import type { StoreDescription, StoreSurvey } from '../survey.js';
import type { Connection, MongoDeps, MongoOptions } from './connection.js';
import { openConnection } from './connection.js';
import type { StoredDocument } from './documents.js';
import { readStored } from './mongo-journal.js';
import { otherVersion, SCHEMA_VERSION, WORLD_COLLECTION } from './set-up.js';
import { createSnapshots } from './snapshots.js';
import { worldTables } from './world-tables.js';

/** @throws PortError UNAVAILABLE when no server answers, INVALID when the connection string or login is wrong */
export async function surveyMongoStore(options: MongoOptions, { clock }: MongoDeps): Promise<StoreSurvey> {
  // Whoever asks how it is wants to know how it is now.
  const connection = await openConnection(options, { clock, patienceMs: 0 });
  const tables = worldTables(connection);
  const { snapshot } = createSnapshots(tables, undefined);
  return {
    describe: () => describe(connection),
    journal: {
      snapshot,
      async head(shard) {
        const projection = { entry: 1, epoch: 1, owner: 1 };
        const found = await tables.journal.findOne({ filter: { shard }, sort: { entry: -1 }, projection });
        if (!found) return { entry: 0, epoch: 0, owner: null };
        return { entry: Number(found['entry']), epoch: Number(found['epoch']), owner: String(found['owner']) };
      },
      async read(shard, afterEntry, limit) {
        const entries = await readStored({ connection, tables }, shard, { afterEntry, limit });
        return entries.map(({ entry }) => entry);
      },
    },
    close: () => connection.close(),
  };
}

async function describe(connection: Connection): Promise<StoreDescription> {
  const { version } = await ask<{ version: string }>(connection, { buildInfo: 1 });
  const [{ world, shards, schema }, members, freeBytes] = await Promise.all([
    worldOf(connection),
    membersOf(connection),
    freeBytesOf(connection),
  ]);
  const isOther = schema !== null && schema !== SCHEMA_VERSION;
  const faultOfSchema = isOther ? otherVersion(connection.database, schema) : null;
  return {
    product: 'MongoDB',
    version,
    detail: `${members.detail}, database ${connection.database}`,
    fault: members.fault ?? faultOfSchema,
    world,
    shards,
    freeBytes,
  };
}

const ask = <T>({ db, run }: Connection, command: Readonly<Record<string, unknown>>): Promise<T> =>
  run(`ask for ${Object.keys(command)[0]}`, async () => (await db.command(command)) as T);

async function worldOf({ db, run }: Connection) {
  const stored = await run('read the world', () => db.collection<StoredDocument>(WORLD_COLLECTION).find().toArray());
  const found = Object.assign({}, ...stored) as Partial<Record<'name' | 'shards' | 'version', unknown>>;
  return {
    world: typeof found.name === 'string' ? found.name : null,
    shards: typeof found.shards === 'number' ? found.shards : null,
    schema: typeof found.version === 'number' ? found.version : null,
  };
}

interface Members {
  readonly detail: string;
  readonly fault: string | null;
}

/** Primary and secondary: the members that hold data and take part in a majority. */
const HOLDS_DATA: readonly unknown[] = [1, 2];

interface SetStatus {
  readonly members: readonly { readonly state: number; readonly health: number }[];
  readonly writeMajorityCount: number;
}

/** Whether so many members answer that what is written now is kept: every write waits for a majority. */
async function membersOf(connection: Connection): Promise<Members> {
  const hello = await ask<{ setName?: string; hosts?: readonly string[] }>(connection, { hello: 1 });
  if (hello.setName === undefined) return { detail: 'stand-alone', fault: null };
  const name = `replica set ${hello.setName}`;
  const status = await statusOf(connection);
  if (status === null) return { detail: `${name} of ${hello.hosts?.length ?? 0}`, fault: null };
  const answering = status.members.filter(({ state, health }) => health === 1 && HOLDS_DATA.includes(state)).length;
  const detail = `${name}, ${answering} of ${status.members.length} members answer`;
  const isEnough = answering >= status.writeMajorityCount;
  return { detail, fault: isEnough ? null : `${detail}, ${status.writeMajorityCount} are needed to keep a write` };
}

/** Null where this user may not ask. */
async function statusOf({ db, run }: Connection): Promise<SetStatus | null> {
  try {
    return (await run('ask for replSetGetStatus', () =>
      db.admin().command({ replSetGetStatus: 1 }),
    )) as unknown as SetStatus;
  } catch (error) {
    if (isPortError(error, 'INVALID')) return null;
    throw error;
  }
}

/** Of a database that is not there yet the server says that its disk has no size. */
async function freeBytesOf(connection: Connection): Promise<number | null> {
  const stats = await ask<{ fsTotalSize?: number; fsUsedSize?: number }>(connection, { dbStats: 1 });
  const { fsTotalSize = 0, fsUsedSize = 0 } = stats;
  return fsTotalSize > 0 ? fsTotalSize - fsUsedSize : null;
}
