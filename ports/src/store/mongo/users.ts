/** Users: ids and names are unique, and a change counts only at the version that was read. */
import { isPortError } from '../../errors.js';
import { userChanged, userTaken } from '../app-rules.js';
import type { StoredUser, Users } from '../app-store.js';
import { USER_ROW } from './app-documents.js';
import type { Connection } from './connection.js';
import { CALL_MS_MAX } from './connection.js';
import { numberValue, textValue } from './filters.js';
import { isDuplicateKey } from './mongo-error.js';
import type { Table } from './tables.js';

export interface UsersDeps {
  readonly connection: Connection;
  readonly table: Table;
  /** Counts up. */
  readonly nextOrder: () => number;
}

export function createUsers({ connection, table, nextOrder }: UsersDeps): Users {
  const one = async (filter: Readonly<Record<string, unknown>>): Promise<StoredUser | null> => {
    const found = await table.findOne({ filter });
    return found && USER_ROW.read(found);
  };
  return {
    byId: (id) => one({ _id: textValue(id) }),
    byName: (normalizedName) => one({ normalizedName: textValue(normalizedName) }),
    async list() {
      return (await table.find({ filter: {}, sort: { createdAt: 1, order: 1 } })).map(USER_ROW.read);
    },
    insert: (user) =>
      orTaken(user, async () => {
        const document = { ...USER_ROW.write(user), order: nextOrder() };
        await connection.run('users.insert', () => table.collection.insertOne(document, { maxTimeMS: CALL_MS_MAX }));
      }),
    replace: (user, expectedVersion) =>
      orTaken(user, async () => {
        const { _id, ...$set } = USER_ROW.write(user);
        const { matchedCount } = await table.updateOne({ _id, tokenVersion: numberValue(expectedVersion) }, { $set });
        if (matchedCount === 0) throw userChanged(user, expectedVersion);
      }),
  };
}

async function orTaken(user: StoredUser, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw isPortError(error, 'CONFLICT') && isDuplicateKey(error.cause) ? userTaken(user) : error;
  }
}
