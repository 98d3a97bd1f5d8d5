/**
 * Makes collections, validators and indexes where they are missing and brings validators up to date: the same at every
 * start and by every process, in whatever order they come.
 */
import { MongoServerError } from 'mongodb';
import { isPortError, PortError } from '../../errors.js';
import type { CollectionSpec } from './collections.js';
import { validatorOf } from './collections.js';
import type { Connection, MongoDeps } from './connection.js';
import { OPEN_PATIENCE_MS, SET_UP_MS_MAX } from './connection.js';
import type { StoredDocument } from './documents.js';

/** Version of what stands in the collections. 1 was never released: its events stood field by field. */
export const SCHEMA_VERSION = 2;
export const WORLD_COLLECTION = 'world';
const SCHEMA_ID = 'schema';

const RETRY_MS = 500;
const UNAUTHORIZED = 13;
const NAMESPACE_EXISTS = 48;
/** An index of this name, or with these fields, is there and differs. */
const INDEX_CONFLICTS = [85, 86];

/** @throws PortError INVALID when the database is of a newer version or has other indexes, UNAVAILABLE, TIMEOUT */
export async function setUp(
  connection: Connection,
  specs: readonly CollectionSpec[],
  { clock, log }: MongoDeps,
): Promise<void> {
  const startedMs = clock.monotonicMs();
  for (;;) {
    try {
      await checkVersion(connection);
      return await connection.run('set up', () => ensureAll(connection, specs), { limitMs: SET_UP_MS_MAX });
    } catch (error) {
      if (!isPortError(error) || !error.isRetriable) throw error;
      // Several processes that start at once keep a small server busy; an index of a large collection takes longer.
      const isSlow = error.code === 'TIMEOUT';
      if (clock.monotonicMs() - startedMs >= (isSlow ? SET_UP_MS_MAX : OPEN_PATIENCE_MS)) throw error;
      if (isSlow) log?.info({}, 'An index is being built in MongoDB; this may take some minutes');
    }
    await clock.sleep(RETRY_MS);
  }
}

/** Stores the version where there is none; another one is refused. */
async function checkVersion({ db, run, database }: Connection): Promise<void> {
  const world = db.collection<StoredDocument>(WORLD_COLLECTION);
  const stored = await run('read the version', async () => {
    const update = { $setOnInsert: { version: SCHEMA_VERSION } };
    return world.findOneAndUpdate({ _id: SCHEMA_ID }, update, { upsert: true, returnDocument: 'after' });
  });
  const version = Number(stored?.['version']);
  if (version !== SCHEMA_VERSION) throw new PortError('INVALID', otherVersion(database, version));
}

/** What is to be done about a database of another version. */
export function otherVersion(database: string, version: number): string {
  const right = version > SCHEMA_VERSION ? 'a newer version of Kairos: start that one again' : 'an earlier build';
  return `database ${database}: expected schema ${SCHEMA_VERSION}, found ${version}, which is of ${right}, or name another MONGODB_DATABASE`;
}

async function ensureAll(connection: Connection, specs: readonly CollectionSpec[]): Promise<void> {
  const found = await connection.db.listCollections({}, { nameOnly: false }).toArray();
  const validators = new Map(found.map(({ name, options }) => [name, options?.['validator'] as unknown]));
  await Promise.all(specs.map((spec) => ensureOne(connection, spec, validators)));
}

async function ensureOne(
  { db, database }: Connection,
  spec: CollectionSpec,
  validators: ReadonlyMap<string, unknown>,
): Promise<void> {
  const { name, indexes } = spec;
  const validator = validatorOf(spec);
  const level = { validationLevel: 'moderate', validationAction: 'error' } as const;
  try {
    if (!validators.has(name)) await createOnce(() => db.createCollection(name, { validator, ...level }));
    else if (JSON.stringify(validators.get(name)) !== JSON.stringify(validator)) {
      await changeValidator(database, name, () => db.command({ collMod: name, validator, ...level }));
    }
    if (indexes.length > 0) await db.collection(name).createIndexes([...indexes]);
  } catch (error) {
    if (!(error instanceof MongoServerError) || !INDEX_CONFLICTS.includes(Number(error.code))) throw error;
    throw new PortError(
      'INVALID',
      `database ${database}, collection ${name}: expected the indexes ${indexes.map((index) => index.name).join(', ')} as Kairos makes them, found others (${error.message}): drop those and start again`,
      error,
    );
  }
}

/** The role readWrite does not include this. */
async function changeValidator(database: string, name: string, change: () => Promise<unknown>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (!(error instanceof MongoServerError) || Number(error.code) !== UNAUTHORIZED) throw error;
    throw new PortError(
      'INVALID',
      `database ${database}, collection ${name}: expected the validator of this version of Kairos, found another, and the user may not change it: grant it the role dbAdmin on the database`,
      error,
    );
  }
}

/** Another process that starts at the same time may have made it. */
async function createOnce(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (!(error instanceof MongoServerError) || Number(error.code) !== NAMESPACE_EXISTS) throw error;
  }
}
