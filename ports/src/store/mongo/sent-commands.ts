/** Commands as the API sent them, or as they wait while the bus is down. */
import { isPortError } from '../../errors.js';
import { commandTaken } from '../app-rules.js';
import type { SentCommands } from '../app-store.js';
import { SENT_COMMANDS_MAX } from '../retention.js';
import { SENT_ROW } from './app-documents.js';
import type { Connection } from './connection.js';
import { CALL_MS_MAX } from './connection.js';
import { filterOf, textValue } from './filters.js';
import { isDuplicateKey } from './mongo-error.js';
import { createTrimmer } from './trimmer.js';
import type { Table } from './tables.js';

const NEWEST = { sentAt: -1, order: -1 } as const;

export interface SentCommandsDeps {
  readonly connection: Connection;
  readonly table: Table;
  /** Counts up. */
  readonly nextOrder: () => number;
}

export function createSentCommands({ connection, table, nextOrder }: SentCommandsDeps): SentCommands {
  const trim = createTrimmer({ table, timeField: 'sentAt', max: SENT_COMMANDS_MAX, filter: { isPublished: true } });
  return {
    async insert(sent) {
      const document = { ...SENT_ROW.write(sent), order: nextOrder() };
      try {
        await connection.run('commands.insert', () => table.collection.insertOne(document, { maxTimeMS: CALL_MS_MAX }));
      } catch (error) {
        throw isPortError(error, 'CONFLICT') && isDuplicateKey(error.cause) ? commandTaken(sent.command.id) : error;
      }
      await trim();
    },
    async markPublished(id) {
      await table.updateOne({ _id: textValue(id) }, { $set: { isPublished: true } });
    },
    async byId(id) {
      const found = await table.findOne({ filter: { _id: textValue(id) } });
      return found && SENT_ROW.read(found);
    },
    async list(world, accountId, last) {
      const filter = filterOf({
        world: textValue(world),
        accountIds: accountId === null ? undefined : textValue(accountId),
      });
      const hint = accountId === null ? 'commands_newest' : 'commands_of_account';
      return (await table.find({ filter, sort: NEWEST, limit: last, hint })).map(SENT_ROW.read);
    },
    async waiting(world) {
      const filter = { world: textValue(world), isPublished: false };
      const sort = { sentAt: 1, order: 1 } as const;
      return (await table.find({ filter, sort, hint: 'commands_waiting' })).map(SENT_ROW.read);
    },
  };
}
