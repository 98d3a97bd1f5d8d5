/** The journal in SQLite: an entry and what it means for the read models are one transaction. */
import { ValueError } from '@kairos/schema';
import { crc32c } from '../../crc32c.js';
import { PortError } from '../../errors.js';
import type { Log } from '../../log/log.js';
import { checkAppend, makesSafer } from '../append-rules.js';
import { decodeEntry, encodeEntry } from '../entry-codec.js';
import type { JournalEntry, JournalHead, Snapshot, SnapshotPiece } from '../journal.js';
import { UNREADABLE_PIECE } from '../journal.js';
import type { Changes } from '../projection.js';
import { project } from '../projection.js';
import { SNAPSHOTS_KEPT } from '../retention.js';
import type { Journal } from '../store.js';
import type { Connection, SqlRow } from './connection.js';
import type { Reserve } from './reserve.js';

export interface SqliteJournalDeps {
  readonly connection: Connection;
  /** Writes changes to the read models, inside the entry's transaction. */
  readonly apply: (changes: Changes) => void;
  /** Called after each commit. */
  readonly onCommit: () => void;
  readonly reserve: Reserve;
  readonly log?: Log | undefined;
}

export function createSqliteJournal({ connection, apply, onCommit, reserve, log }: SqliteJournalDeps): Journal {
  return {
    head: (shard) => connection.read('journal.head', () => headOf(connection, shard)),
    async append(entry, rows) {
      const bytes = encodeEntry(entry);
      const changes = project(entry, rows);
      const write = () =>
        connection.write('journal.append', () => {
          if (!insertEntry(connection, entry, bytes)) return false;
          apply(changes);
          return true;
        });
      const isNew = await (makesSafer(entry) ? reserve.spendOn(write) : write());
      if (isNew) onCommit();
      void reserve.hold();
    },
    async read(shard, afterEntry, limit) {
      const sql = 'SELECT entry, crc, bytes FROM journal WHERE shard = ? AND entry > ? ORDER BY entry LIMIT ?';
      const rows = await connection.read('journal.read', () => connection.all(sql, [shard, afterEntry, limit]));
      const place = { file: connection.file, shard };
      return rows.map((row, index) => entryOf(row, place, afterEntry + 1 + index));
    },
    snapshot: (shard) => connection.read('journal.snapshot', () => snapshotOf(connection, shard, log)),
    async saveSnapshot(snapshot) {
      await connection.write('journal.saveSnapshot', () => insertSnapshot(connection, snapshot));
    },
    snapshotPiece: (piece) => connection.read('journal.snapshotPiece', () => pieceOf(connection, piece, log)),
    async saveSnapshotPiece(piece) {
      await connection.write('journal.saveSnapshotPiece', () => insertPiece(connection, piece));
    },
    async dropSnapshotPieces(shard, before) {
      const sql = 'DELETE FROM snapshot_pieces WHERE shard = ? AND through < ?';
      await connection.write('journal.dropSnapshotPieces', () => connection.run(sql, [shard, before]));
    },
  };
}

function headOf(connection: Connection, shard: number): JournalHead {
  const sql = 'SELECT entry, epoch, owner FROM journal WHERE shard = ? ORDER BY entry DESC LIMIT 1';
  const [entry, epoch, owner] = connection.get(sql, [shard]) ?? [0, 0, null];
  return { entry: entry as number, epoch: epoch as number, owner: owner as string | null };
}

/** Whether the entry is new. */
function insertEntry(connection: Connection, entry: JournalEntry, bytes: Uint8Array): boolean {
  const found = connection.get('SELECT bytes FROM journal WHERE shard = ? AND entry = ?', [entry.shard, entry.entry]);
  const stored = (found?.[0] as Buffer | undefined) ?? null;
  if (!checkAppend(entry, { head: headOf(connection, entry.shard), stored, bytes })) return false;
  connection.run('INSERT INTO journal (shard, entry, epoch, owner, crc, bytes) VALUES (?, ?, ?, ?, ?, ?)', [
    entry.shard,
    entry.entry,
    entry.epoch,
    entry.owner,
    crc32c(bytes),
    bytes,
  ]);
  return true;
}

/** The journal that an entry stands in. */
interface Place {
  readonly file: string;
  readonly shard: number;
}

function entryOf(row: SqlRow, place: Place, expected: number): JournalEntry {
  const [entry, crc, bytes] = row as readonly [number, number, Buffer];
  if (entry !== expected) throw corrupt(place, expected, `it is missing, entry ${entry} comes next`);
  if (crc32c(bytes) !== crc) throw corrupt(place, entry, 'its checksum does not fit its bytes');
  const decoded = decode(bytes, place, entry);
  if (decoded.shard === place.shard && decoded.entry === entry) return decoded;
  throw corrupt(place, entry, `its bytes are those of entry ${decoded.entry} of shard ${decoded.shard}`);
}

function decode(bytes: Uint8Array, place: Place, entry: number): JournalEntry {
  try {
    return decodeEntry(bytes);
  } catch (error) {
    if (error instanceof ValueError || error instanceof SyntaxError) throw corrupt(place, entry, error.message);
    throw error;
  }
}

const corrupt = ({ file, shard }: Place, entry: number, found: string): PortError =>
  new PortError(
    'CORRUPT',
    `${file}, journal, shard ${shard}, entry ${entry}: ${found}; nothing after it can be trusted: restore the file from a backup`,
  );

/** The newest snapshot whose checksum fits; the journal still has everything where none does. */
function snapshotOf(connection: Connection, shard: number, log: Log | undefined): Snapshot | null {
  const sql = 'SELECT entry, crc, state FROM snapshots WHERE shard = ? ORDER BY entry DESC';
  for (const row of connection.all(sql, [shard])) {
    const [entry, crc, state] = row as readonly [number, number, Buffer];
    if (crc32c(state) === crc) return { shard, entry, state: state.toString('utf8') };
    log?.warn({ shard, entry }, 'a snapshot is damaged: the one before it is used, and more of the journal is read');
  }
  return null;
}

function insertSnapshot(connection: Connection, { shard, entry, state }: Snapshot): void {
  const bytes = Buffer.from(state, 'utf8');
  const insert = 'INSERT OR REPLACE INTO snapshots (shard, entry, crc, state) VALUES (?, ?, ?, ?)';
  connection.run(insert, [shard, entry, crc32c(bytes), bytes]);
  const kept = 'SELECT entry FROM snapshots WHERE shard = ? ORDER BY entry DESC LIMIT ?';
  connection.run(`DELETE FROM snapshots WHERE shard = ? AND entry NOT IN (${kept})`, [shard, shard, SNAPSHOTS_KEPT]);
}

function pieceOf(
  connection: Connection,
  { shard, after, through }: Omit<SnapshotPiece, 'text'>,
  log: Log | undefined,
): string | null {
  const sql = 'SELECT crc, bytes FROM snapshot_pieces WHERE shard = ? AND through = ? AND after = ?';
  const [crc, bytes] = (connection.get(sql, [shard, through, after]) ?? []) as readonly [number?, Buffer?];
  if (bytes && crc32c(bytes) === crc) return bytes.toString('utf8');
  log?.warn({ shard, after, through }, UNREADABLE_PIECE);
  return null;
}

function insertPiece(connection: Connection, { shard, after, through, text }: SnapshotPiece): void {
  const bytes = Buffer.from(text, 'utf8');
  const sql = 'INSERT OR REPLACE INTO snapshot_pieces (shard, after, through, crc, bytes) VALUES (?, ?, ?, ?, ?)';
  connection.run(sql, [shard, after, through, crc32c(bytes), bytes]);
}
