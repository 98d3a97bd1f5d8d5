/** Where each partition begins and ends, kept beside its records: what should be there and is not is damage. */
import { crc32c } from '../../crc32c.js';
import { PortError } from '../../errors.js';
import type { Database } from './database.js';

export interface Ends {
  readonly earliest: number;
  readonly next: number;
}

export interface EndsTable {
  /** @throws PortError CORRUPT */
  load(slot: number): Ends;
  /** To be called within a write. */
  save(slot: number, ends: Ends): void;
}

export function createEnds(database: Database): EndsTable {
  const find = database.prepare(
    'SELECT CAST(earliest AS INTEGER), CAST(next AS INTEGER), CAST(crc AS INTEGER) FROM ends WHERE slot = ?',
  );
  const store = database.prepare(
    `INSERT INTO ends (slot, earliest, next, crc) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT (slot) DO UPDATE SET earliest = ?2, next = ?3, crc = ?4`,
  );
  return {
    load(slot) {
      const row = find.all([slot])[0] as readonly number[] | undefined;
      if (!row) return { earliest: 0, next: 0 };
      const ends = { earliest: row[0]!, next: row[1]! };
      if (checksum(slot, ends) === row[2]) return ends;
      throw new PortError(
        'CORRUPT',
        `expected the ends of partition ${slot} in ${database.file} as they were written, found that their checksum ` +
          'does not match: restore the bus file from a backup, or move it away',
      );
    },
    save: (slot, ends) => store.run([slot, ends.earliest, ends.next, checksum(slot, ends)]),
  };
}

const checksum = (slot: number, { earliest, next }: Ends): number =>
  crc32c(Buffer.from(`${slot}/${earliest}/${next}`, 'latin1'));
