/** One database holds one world, and its accounts fall into a fixed number of shards: both are stored at the first start. */
import type { World } from '@kairos/schema';
import { PortError } from '../../errors.js';
import type { Clock } from '../../clock/clock.js';
import { dateOf } from './bson-codec.js';
import type { Connection } from './connection.js';
import type { StoredDocument } from './documents.js';
import { WORLD_COLLECTION } from './set-up.js';

const WORLD_ID = 'world';

export interface WorldOptions {
  readonly world: World;
  readonly shards: number;
}

/** Stores world and shards where none are stored; of processes that start together one decides. @throws PortError INVALID */
export async function claimWorld(connection: Connection, options: WorldOptions, clock: Clock): Promise<void> {
  const { db, database } = connection;
  const { world, shards } = options;
  if (!Number.isInteger(shards) || shards < 1) {
    throw new PortError('INVALID', `expected a whole number of shards, 1 or more, found ${shards}`);
  }
  const stored = await connection.run('read the world', () => {
    const update = { $setOnInsert: { name: world, shards, firstStartAt: dateOf(clock.now()) } };
    const collection = db.collection<StoredDocument>(WORLD_COLLECTION);
    return collection.findOneAndUpdate({ _id: WORLD_ID }, update, { upsert: true, returnDocument: 'after' });
  });
  if (stored?.['name'] !== world) {
    throw new PortError(
      'INVALID',
      `database ${database} holds the world ${String(stored?.['name'])}, and this process was started for ${world}: its books must not mix. Start it with the FEED that made that world, or give this one another MONGODB_DATABASE, and another Kafka with it`,
    );
  }
  if (stored['shards'] !== shards) {
    throw new PortError(
      'INVALID',
      `database ${database} was made with KAFKA_PARTITIONS=${String(stored['shards'])}, and this process was started with ${shards}: accounts would change their owners. Set it back, or begin anew with another MONGODB_DATABASE and another Kafka`,
    );
  }
}
