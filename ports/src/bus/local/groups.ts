/** Groups in the file: one row each, its state as JSON with a checksum. */
import { crc32c } from '../../crc32c.js';
import { PortError } from '../../errors.js';
import type { GroupState } from '../common/group.js';
import { EMPTY_GROUP } from '../common/group.js';
import type { Database } from './database.js';

export interface Groups {
  load(groupId: string): GroupState;
  /** To be called within a write. */
  save(groupId: string, state: GroupState): void;
}

export function createGroups(database: Database): Groups {
  const find = database.prepare('SELECT CAST(state AS BLOB), CAST(crc AS INTEGER) FROM groups WHERE id = ?');
  const store = database.prepare(
    'INSERT INTO groups (id, state, crc) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET state = ?2, crc = ?3',
  );
  return {
    load(groupId) {
      const row = find.all([groupId])[0];
      if (!row) return EMPTY_GROUP;
      const [state, crc] = row;
      if (state instanceof Uint8Array && crc32c(state) === crc) {
        return JSON.parse(Buffer.from(state).toString('utf8')) as GroupState;
      }
      throw new PortError(
        'CORRUPT',
        `expected group ${groupId} in ${database.file} as it was written, found that its checksum does not match: ` +
          'restore the bus file from a backup, or move it away',
      );
    },
    save(groupId, state) {
      const bytes = Buffer.from(JSON.stringify(state), 'utf8');
      store.run([groupId, bytes, crc32c(bytes)]);
    },
  };
}
