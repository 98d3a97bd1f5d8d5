/** Snapshots and their pieces in MongoDB: in parts, as the state of a large shard is larger than a document may be. */
import { Binary } from 'mongodb';
import { crc32c } from '../../crc32c.js';
import type { Log } from '../../log/log.js';
import type { SnapshotPiece } from '../journal.js';
import { UNREADABLE_PIECE } from '../journal.js';
import { SNAPSHOTS_KEPT } from '../retention.js';
import type { Journal } from '../store.js';
import type { StoredDocument } from './documents.js';
import type { Table } from './tables.js';
import type { WorldTables } from './world-tables.js';

/** Bytes of one part. */
const PART_BYTES = 4 * 1024 * 1024;

export type Snapshots = Pick<
  Journal,
  'snapshot' | 'saveSnapshot' | 'snapshotPiece' | 'saveSnapshotPiece' | 'dropSnapshotPieces'
>;

export function createSnapshots(
  { snapshots, snapshotPieces }: Pick<WorldTables, 'snapshots' | 'snapshotPieces'>,
  log: Log | undefined,
): Snapshots {
  return {
    async snapshot(shard) {
      for (const entry of await entriesOf(snapshots, shard)) {
        const state = await textOf(snapshots, `${shard}:${entry}`);
        if (state !== null) return { shard, entry, state };
        log?.warn(
          { shard, entry },
          'a snapshot is damaged: the one before it is used, and more of the journal is read',
        );
      }
      return null;
    },
    async saveSnapshot({ shard, entry, state }) {
      await saveText(snapshots, { name: `${shard}:${entry}`, fields: { shard, entry }, text: state });
      const entries = await entriesOf(snapshots, shard);
      const oldest = entries[SNAPSHOTS_KEPT - 1];
      if (oldest !== undefined) await snapshots.deleteMany({ shard, entry: { $lt: oldest } });
    },
    async snapshotPiece(piece) {
      const text = await textOf(snapshotPieces, nameOf(piece));
      if (text === null) log?.warn({ ...piece }, UNREADABLE_PIECE);
      return text;
    },
    async saveSnapshotPiece(piece) {
      const { shard, through, text } = piece;
      await saveText(snapshotPieces, { name: nameOf(piece), fields: { shard, through }, text });
    },
    async dropSnapshotPieces(shard, before) {
      await snapshotPieces.deleteMany({ shard, through: { $lt: before } });
    },
  };
}

const nameOf = ({ shard, after, through }: Omit<SnapshotPiece, 'text'>): string => `${shard}:${after}:${through}`;

/** Every part carries the checksum of the whole; the first comes last, as it is what a snapshot is found by. */
async function saveText(
  table: Table,
  { name, fields, text }: { readonly name: string; readonly fields: object; readonly text: string },
): Promise<void> {
  const bytes = Buffer.from(text, 'utf8');
  const crc = crc32c(bytes);
  const parts = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
  for (let part = parts - 1; part >= 0; part--) {
    const own = new Binary(bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES));
    const replacement: Omit<StoredDocument, '_id'> = { ...fields, part, parts, crc, bytes: own };
    await table.write([{ replaceOne: { filter: { _id: `${name}:${part}` }, replacement, upsert: true } }]);
  }
}

/** Entries that have a snapshot, the newest first. */
async function entriesOf(table: Table, shard: number): Promise<number[]> {
  const sort = { entry: -1 } as const;
  const firsts = await table.find({ filter: { shard, part: 0 }, sort, projection: { entry: 1 } });
  return firsts.map(({ entry }) => entry as number);
}

/** Null when a part is missing or the checksum does not fit. */
async function textOf(table: Table, name: string): Promise<string | null> {
  const parts: Uint8Array[] = [];
  let crc: unknown;
  for (let part = 0, count = 1; part < count; part++) {
    const found = await table.findOne({ filter: { _id: `${name}:${part}` } });
    if (!found || !(found['bytes'] instanceof Binary)) return null;
    parts.push(found['bytes'].buffer.subarray(0, found['bytes'].position));
    count = Number(found['parts']);
    crc = found['crc'];
  }
  const bytes = Buffer.concat(parts);
  return crc32c(bytes) === crc ? bytes.toString('utf8') : null;
}
