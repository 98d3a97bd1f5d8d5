/** Refresh tokens: each is exchanged once, however many ask at the same time, without a transaction. */
import type { Sessions, StoredSession } from '../app-store.js';
import { instantBson, textBson } from './bson-codec.js';
import { SESSION_ROW } from './app-documents.js';
import { dateValue, textValue } from './filters.js';
import type { Table } from './tables.js';

export function createSessions(table: Table): Sessions {
  const insert = async (session: StoredSession): Promise<void> => {
    const { _id, ...replacement } = SESSION_ROW.write(session);
    await table.write([{ replaceOne: { filter: { _id }, replacement, upsert: true } }]);
  };
  const byHash = async (tokenHash: string): Promise<StoredSession | null> => {
    const found = await table.findOne({ filter: { _id: textValue(tokenHash) } });
    return found && SESSION_ROW.read(found);
  };

  return {
    byHash,
    insert,
    /**
     * The successor is there first, so that whoever is told of it finds it; one conditional update decides, and the
     * successors of those who lose are removed. A crash in between leaves a session whose token nobody has.
     */
    async rotate(tokenHash, rotatedAt, successor, next) {
      await insert(next);
      const filter = { _id: textValue(tokenHash), rotatedAt: null, isRevoked: false };
      const $set = { rotatedAt: instantBson.write(rotatedAt), successor: textBson.write(successor) };
      const { matchedCount } = await table.updateOne(filter, { $set });
      if (matchedCount === 1) return true;
      const stored = await byHash(tokenHash);
      // The same exchange again, whose first answer was lost.
      if (stored && stored.successor === successor && stored.rotatedAt === rotatedAt) return !stored.isRevoked;
      await table.deleteMany({ _id: textValue(next.tokenHash) });
      return false;
    },
    revokeFamily: (familyId) =>
      table.updateMany({ familyId: textValue(familyId), isRevoked: false }, { $set: { isRevoked: true } }),
    revokeUser: (userId) =>
      table.updateMany({ userId: textValue(userId), isRevoked: false }, { $set: { isRevoked: true } }),
    async isFamilyLive(familyId, now) {
      const filter = { familyId: textValue(familyId), isRevoked: false, expiresAt: { $gt: dateValue(now) } };
      return (await table.findOne({ filter, projection: { _id: 1 } })) !== null;
    },
    async deleteExpired(before) {
      await table.deleteMany({ expiresAt: { $lt: dateValue(before) } });
    },
  };
}
