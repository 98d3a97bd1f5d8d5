/** Snapshots in MongoDB: in parts, as the state of a large shard is larger than a document may be. */
import { Binary } from 'mongodb';
import { crc32c } from '../../crc32c.js';
import type { Log } from '../../log/log.js';
import type { Snapshot } from '../journal.js';
import { SNAPSHOTS_KEPT } from '../retention.js';
import type { Journal } from '../store.js';
import type { StoredDocument } from './documents.js';
import type { Table } from './tables.js';

/** Bytes of one part. */
const PART_BYTES = 4 * 1024 * 1024;

export function createSnapshots(table: Table, log: Log | undefined): Pick<Journal, 'snapshot' | 'saveSnapshot'> {
  return {
    async snapshot(shard) {
      for (const entry of await entriesOf(table, shard)) {
        const state = await stateOf(table, shard, entry);
        if (state !== null) return { shard, entry, state };
        log?.warn(
          { shard, entry },
          'a snapshot is damaged: the one before it is used, and more of the journal is read',
        );
      }
      return null;
    },
    async saveSnapshot(snapshot) {
      const { shard } = snapshot;
      for (const part of partsOf(snapshot)) await table.write([replaceWrite(part)]);
      const entries = await entriesOf(table, shard);
      const oldest = entries[SNAPSHOTS_KEPT - 1];
      if (oldest !== undefined) await table.deleteMany({ shard, entry: { $lt: oldest } });
    },
  };
}

const replaceWrite = ({ _id, ...replacement }: StoredDocument) => ({
  replaceOne: { filter: { _id }, replacement, upsert: true },
});

/** Every part carries the checksum of the whole; the first comes last, as it is what a snapshot is found by. */
function partsOf({ shard, entry, state }: Snapshot): StoredDocument[] {
  const bytes = Buffer.from(state, 'utf8');
  const crc = crc32c(bytes);
  const parts = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
  return Array.from({ length: parts }, (_, part) => ({
    _id: `${shard}:${entry}:${part}`,
    shard,
    entry,
    part,
    parts,
    crc,
    bytes: new Binary(bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES)),
  })).reverse();
}

/** Entries that have a snapshot, the newest first. */
async function entriesOf(table: Table, shard: number): Promise<number[]> {
  const sort = { entry: -1 } as const;
  const firsts = await table.find({ filter: { shard, part: 0 }, sort, projection: { entry: 1 } });
  return firsts.map(({ entry }) => entry as number);
}

/** Null when a part is missing or the checksum does not fit. */
async function stateOf(table: Table, shard: number, entry: number): Promise<string | null> {
  const parts: Uint8Array[] = [];
  let crc: unknown;
  for (let part = 0, count = 1; part < count; part++) {
    const found = await table.findOne({ filter: { _id: `${shard}:${entry}:${part}` } });
    if (!found || !(found['bytes'] instanceof Binary)) return null;
    parts.push(found['bytes'].buffer.subarray(0, found['bytes'].position));
    count = Number(found['parts']);
    crc = found['crc'];
  }
  const bytes = Buffer.concat(parts);
  return crc32c(bytes) === crc ? bytes.toString('utf8') : null;
}
